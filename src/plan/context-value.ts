// How the value of a named context begins.

/** The reference of an image follows. */
export const imagePrefix = "docker-image://";

/** The absolute path of a directory follows. */
export const localPrefix = "local:";
