/** How pages look: warm paper by day, dark wood by night, one accent of honey. */
export const style = `:root {
  color-scheme: light dark;
  --paper: #faf7f0;
  --card: #fffdf9;
  --ink: #221d14;
  --soft: #6a6152;
  --line: #e6dfd0;
  --wash: #f3ecdd;
  --accent: #9a4b06;
  --honey: #e9a21f;
  --honey-soft: #f3c568;
  --quiet: #cfc5b2;
  --wrong: #b3261e;
  --text: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, Cantarell, "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "Noto Sans Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16130e;
    --card: #1e1a13;
    --ink: #efe8d9;
    --soft: #a79c87;
    --line: #342d21;
    --wash: #2a2419;
    --accent: #f5b94e;
    --honey: #e9a21f;
    --honey-soft: #a8741a;
    --quiet: #4d4433;
    --wrong: #ff8a7d;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto;
  padding: 0 max(1.25rem, 4vw) 3rem;
  max-width: 68rem;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.55 var(--text);
  overflow-wrap: break-word;
}
h1, h2, p, dl, dd, ol, ul, table, pre { margin: 0; padding: 0; }
ol, ul { list-style: none; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--honey); outline-offset: 3px; border-radius: 3px; }
code, pre { font-family: var(--mono); font-size: .875em; }
time, .size, .count, .fact, .number { font-variant-numeric: tabular-nums; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); z-index: 1; }
.skip:focus { top: .5rem; }

.bar { display: flex; align-items: center; gap: .9rem; padding: 1.4rem 0; border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: .55rem; color: var(--ink); font-size: 1.2rem; font-weight: 700; letter-spacing: -.02em; }
.brand:hover { text-decoration: none; }
.brand img { display: block; }
.host { color: var(--soft); font: .85rem var(--mono); min-width: 0; overflow-wrap: anywhere; }
.host::before { content: ""; display: inline-block; width: 1px; height: 1em; margin-right: .9rem; background: var(--line); vertical-align: -.15em; }
.login, .user { margin-left: auto; font-size: .9rem; white-space: nowrap; }
.user { color: var(--soft); }

.trail { padding-top: 1.4rem; font-size: .9rem; }
.trail ol { display: flex; flex-wrap: wrap; }
.trail li { display: flex; color: var(--soft); min-width: 0; overflow-wrap: anywhere; }
.trail li + li::before { content: "/"; padding: 0 .55rem; color: var(--quiet); }

main { padding-top: 1.6rem; }
.trail + main { padding-top: .3rem; }
section { margin-top: 2.75rem; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.3rem); line-height: 1.2; font-weight: 750; letter-spacing: -.028em; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; font-weight: 680; letter-spacing: -.01em; margin-bottom: .8rem; }
h1 .reference { display: inline-block; max-width: 100%; color: var(--accent); }
h1 .digest { font-size: .8em; letter-spacing: 0; }
.count { margin-left: .3em; color: var(--soft); font-size: .72em; font-weight: 500; letter-spacing: 0; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .8rem 2rem; }
.head h2 { margin: 0; }
section > .head { margin-bottom: .8rem; }
.identity { margin-top: .4rem; color: var(--soft); overflow-wrap: anywhere; }

.search { display: flex; gap: .4rem; flex: 0 1 19rem; }
.search label { flex: 1; }
.search input, .search button { font: inherit; font-size: .92rem; color: inherit; padding: .42rem .75rem; border: 1px solid var(--line); border-radius: .55rem; background: var(--card); }
.search input { width: 100%; min-width: 0; }
.search input::placeholder { color: var(--soft); opacity: 1; }
.search button { color: var(--accent); font-weight: 600; cursor: pointer; }
.search button:hover { background: var(--wash); }

.rows { margin-top: 1.6rem; border: 1px solid var(--line); border-radius: .9rem; background: var(--card); overflow: hidden; }
.rows li { position: relative; display: grid; grid-template-columns: minmax(0, 1fr) 6rem 7rem 10rem; gap: 1rem; align-items: baseline; padding: .95rem 1.3rem; }
.rows li + li { border-top: 1px solid var(--line); }
.rows li:hover { background: var(--wash); }
.rows a { color: var(--ink); font-weight: 640; overflow-wrap: anywhere; }
.rows a::after { content: ""; position: absolute; inset: 0; }
.rows .prefix { color: var(--soft); font-weight: 450; }
.rows .fact { color: var(--soft); font-size: .92rem; text-align: right; }

table { width: 100%; border-collapse: separate; border-spacing: 0; border: 1px solid var(--line); border-radius: .9rem; background: var(--card); overflow: hidden; }
th, td { padding: .75rem 1.3rem; text-align: left; vertical-align: baseline; font-weight: 400; }
td { color: var(--soft); font-size: .94rem; }
thead th { color: var(--soft); font-size: .82rem; padding-bottom: .5rem; }
tbody th { font-weight: 640; overflow-wrap: anywhere; }
tbody th, tbody td { border-top: 1px solid var(--line); }
tbody tr:hover { background: var(--wash); }
.number { text-align: right; white-space: nowrap; }
.tag { display: inline-block; padding: .02rem .5rem; border-radius: .4rem; background: var(--wash); color: var(--soft); font-size: .82rem; white-space: nowrap; }
tr:hover .tag { background: var(--paper); }
.digest { color: inherit; }
.none { color: var(--soft); }

.facts { display: flex; flex-wrap: wrap; gap: .9rem 2.6rem; margin-top: 1.6rem; }
.facts dt { color: var(--soft); font-size: .82rem; }
.facts dd { font-size: 1.15rem; font-weight: 640; letter-spacing: -.01em; overflow-wrap: anywhere; }

.commands { border-radius: .9rem; background: var(--wash); }
.commands div { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: 1rem; align-items: baseline; padding: .7rem 1.3rem; }
.commands div + div { border-top: 1px solid var(--line); }
.commands dt { color: var(--soft); font-size: .88rem; }
.command { user-select: all; -webkit-user-select: all; overflow-wrap: anywhere; cursor: copy; }
.empty { margin-top: 1.6rem; color: var(--soft); }
.empty pre { margin-top: 1rem; padding: 1rem 1.3rem; border-radius: .9rem; background: var(--wash); color: var(--ink); overflow-x: auto; }

.layer-bar { display: block; width: 100%; height: .8rem; margin: .2rem 0 1.2rem; border-radius: .4rem; }
.layer-bar .even { fill: var(--honey); }
.layer-bar .odd { fill: var(--honey-soft); }
.layer-bar .shared { fill: var(--quiet); }
.layers { border: 1px solid var(--line); border-radius: .9rem; background: var(--card); overflow: hidden; }
.layers > li { display: grid; grid-template-columns: 1.6rem minmax(0, 1fr) auto; gap: 1rem; padding: .85rem 1.3rem; align-items: baseline; }
.layers > li + li { border-top: 1px solid var(--line); }
.layers .index { color: var(--soft); font-size: .88rem; text-align: right; font-variant-numeric: tabular-nums; }
.layers .made { display: inline; overflow-wrap: anywhere; white-space: pre-wrap; line-height: 1.5; }
.layers .about { margin-top: .25rem; color: var(--soft); font-size: .85rem; }
.layers .type { margin: 0 .35rem; }
.layers .fact { white-space: nowrap; font-weight: 600; font-size: .94rem; }
summary { cursor: pointer; }
details[open] summary { color: var(--soft); }

.pairs { border: 1px solid var(--line); border-radius: .9rem; background: var(--card); overflow: hidden; }
.pairs div { display: grid; grid-template-columns: minmax(8rem, 17rem) minmax(0, 1fr); gap: .2rem 1.6rem; padding: .65rem 1.3rem; }
.pairs div + div { border-top: 1px solid var(--line); }
.pairs dt { color: var(--soft); font-size: .92rem; overflow-wrap: anywhere; }
.pairs dd { font: .875rem/1.6 var(--mono); overflow-wrap: anywhere; white-space: pre-wrap; }

.problem { color: var(--wrong); font-weight: 640; font-size: .92em; }
.broken { margin-top: 1.6rem; padding: .9rem 1.3rem; border: 1px solid var(--wrong); border-radius: .9rem; }
.cut { color: var(--soft); font-size: .88rem; }
p.cut { margin-top: .7rem; }
.pages { display: grid; grid-template-columns: 1fr auto 1fr; align-items: baseline; margin-top: 1.3rem; color: var(--soft); font-size: .92rem; }
.pages :last-child { text-align: right; }
.error { margin-top: 4.5rem; }
.error .status { color: var(--honey); font-size: 1rem; font-weight: 700; font-variant-numeric: tabular-nums; }
.error p { margin-top: .5rem; color: var(--soft); }
footer { margin-top: 4rem; padding-top: 1.2rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }

@media (max-width: 46rem) {
  .search { flex-basis: 100%; }
  .rows li { grid-template-columns: repeat(3, auto) 1fr; gap: .15rem 1.1rem; }
  .rows a { grid-column: 1 / -1; }
  .rows .fact { text-align: left; font-size: .88rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr { display: block; }
  tr { padding: .8rem 1.3rem; }
  tr + tr { border-top: 1px solid var(--line); }
  tbody th, tbody td { display: flex; flex-wrap: wrap; gap: .2rem .4rem; justify-content: flex-end; padding: .12rem 0; border: 0; text-align: right; white-space: normal; }
  tbody th { text-align: left; padding-bottom: .3rem; justify-content: flex-start; }
  td::before { content: attr(data-label); flex: none; margin-right: auto; padding-right: 1rem; }
  .facts { gap: .8rem 1.8rem; }
  .commands div, .pairs div { grid-template-columns: minmax(0, 1fr); gap: .15rem; }
  .layers > li { grid-template-columns: minmax(0, 1fr) auto; padding: .8rem 1.1rem; }
  .layers .index { display: none; }
}
@media print {
  .search, .login, .skip, footer { display: none; }
}
`;
