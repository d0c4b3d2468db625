/** A cell of a honeycomb, in layers. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#f5b23d" d="M16 1.5 28.6 8.7v14.6L16 30.5 3.4 23.3V8.7z"/><path fill="#7a3d06" d="M16 7.2 23.8 11.6 16 16 8.2 11.6z"/><path fill="none" stroke="#7a3d06" stroke-width="2.2" stroke-linejoin="round" d="m8.2 16.1 7.8 4.4 7.8-4.4m-15.6 4.5L16 25l7.8-4.4"/></svg>
`;
