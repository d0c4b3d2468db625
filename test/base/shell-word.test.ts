import { expect, test } from "bun:test";
import { shellWord } from "../../src/base/shell-word.ts";

test.each(["a", "a/b-c_d.e:1,2+3@4%5=6", "", "two words", "it's", '$HOME `x` "y" \\ ; & *', "~"])(
  "a shell reads %j as one word",
  (text) => {
    const echo = Bun.spawnSync(["sh", "-c", `printf '%s|' ${shellWord(text)}`]);
    expect(echo.stdout.toString()).toBe(`${text}|`);
  },
);
