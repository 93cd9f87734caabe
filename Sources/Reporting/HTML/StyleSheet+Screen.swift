/// Rules for screens. Those for texts, tables and charts also hold on paper.
extension StyleSheet {
  /// Colours by their use, and the page's box.
  static let base = """
    :root{--ink:#1b1f24;--faint:#57606a;--line:#c8cfd6;--paper:#fff;--raised:#f4f6f8;--part:#1f5fa8;--rest:#dde3e9;\
    --warn:#7a3b00;--warnback:#fff4e0;--link:#0b4f9e;\
    --good:#1a6b3c;--bad:#a6261c;--lost:#8a4b00;--half:#1f5fa8;--unseen:#5f4a94;--shade:#5b667038;--dusk:#1b1f2414;\
    --s1:#1f5fa8;--s2:#b5541c;--s3:#2f7d4f;--s4:#7a4fa3;--s5:#8a6d00;--s6:#5b6670}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0 auto;padding:1.2rem;max-width:112rem;background:var(--paper);color:var(--ink);\
    font:1rem/1.5 "Segoe UI","Helvetica Neue",Arial,"Noto Sans","Noto Sans CJK SC","Source Han Sans SC",\
    "PingFang SC","Microsoft YaHei",sans-serif;overflow-wrap:anywhere}
    body:lang(zh-Hans){line-height:1.6}

    """

  /// Headings, texts and lists of fields.
  static let prose = """
    h1{font-size:1.6rem;line-height:1.25;margin:0}
    h1 small,h2 small{font-weight:400;font-size:.65em;color:var(--faint)}
    h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-bottom:.2rem;border-bottom:2px solid var(--line)}
    h3{font-size:1rem;margin:1.4rem 0 .4rem}
    p{margin:.4rem 0;max-width:80ch}
    .period,.faint{color:var(--faint)}
    .faint,.back{font-size:.875rem}.back{margin:0 0 .4rem}
    a{color:var(--link)}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1rem;margin:.4rem 0}
    dt{color:var(--faint);grid-column:1}
    dd{margin:0;grid-column:2;max-width:80ch}
    h2+h3{margin-top:0}
    .warning{color:var(--warn);background:var(--warnback);border-left:4px solid var(--warn);\
    padding:.15rem .5rem;font-weight:600}
    a:focus-visible,.table:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
    summary{cursor:pointer;color:var(--link);padding:.2rem 0}

    """

  /// Contents and small parts side by side. Wide screens have the contents in a column on the right that stays.
  static let layout = """
    nav{font-size:.9rem}
    nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:1rem 0 0;padding:0}
    nav a{display:inline-block;padding:.15rem 0}
    .top{position:fixed;right:.8rem;bottom:.8rem;z-index:1;padding:.25rem .6rem;border:1px solid var(--line);\
    border-radius:.3rem;background:var(--paper)}
    .pair{column-gap:2.5rem;grid-template-columns:repeat(2,minmax(0,1fr));align-items:start}.pair>*{min-width:0}
    @media screen and (min-width:56.25rem){.pair:not(.roomy){display:grid}}
    @media screen and (min-width:80rem){.pair{display:grid}.roomy table{font-size:.875rem}}
    @media screen and (min-width:56.25rem){.pair>div>:first-child{margin-top:0}.pair table{width:100%;min-width:0}.pair th,.pair td{white-space:normal;\
    word-break:normal}}
    @media screen and (min-width:68.75rem){body:has(>nav){display:grid;\
    grid-template-columns:minmax(0,1fr) 12.5rem;grid-auto-flow:dense;column-gap:2.5rem;align-items:start}\
    body>*{grid-column:1;min-width:0}body>header{grid-column:1/-1}\
    body>nav{grid-column:2;grid-row:2/span 9;position:sticky;top:0;max-height:100vh;overflow-y:auto;\
    padding:1.6rem 0 1.6rem 1rem}\
    nav ol{display:block;margin:0;border-left:2px solid var(--line)}nav li a{display:block;padding:.25rem 0 .25rem .8rem;\
    text-decoration:none}nav li a:hover{text-decoration:underline}\
    .top{position:static;border:0;padding:.8rem 0 0 .9rem}h2{margin-top:1.6rem}}

    """

  /// Tables. A wide one scrolls on its own; a shadow at its edge shows that there is more.
  static let tables = """
    .table{overflow-x:auto;margin:.5rem 0 1rem}
    table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:min(100%,30rem)}
    caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    th,td{padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);\
    overflow-wrap:normal}
    thead th{color:var(--faint);font-weight:600;border-bottom-width:2px;vertical-align:bottom;\
    word-break:keep-all}
    tbody th{font-weight:400;word-break:keep-all}
    .n{text-align:right;white-space:nowrap}
    thead .n{white-space:normal}
    .group th{font-weight:600;padding-top:.7rem}
    .sum th,.sum td{font-weight:600;border-top:2px solid var(--ink)}
    section[aria-labelledby^=form] table{width:100%}
    section[aria-labelledby=form] tbody th,section[aria-labelledby^=form-] tbody th{word-break:normal;min-width:9rem}
    .flag th,.flag td{color:var(--warn);background:var(--warnback)}
    .long{width:100%}.more td{color:var(--faint)}
    .blank{min-width:6rem}.blank span{display:block;height:1.4em;border-bottom:1px solid var(--ink);color:transparent;\
    overflow:hidden}
    .bar{display:block;width:100%;min-width:3.5rem;height:.35rem;margin-top:.15rem}
    .rest{fill:var(--rest)}.part{fill:var(--part)}
    @media (min-width:40rem){.list,.list tbody{display:block}.list tbody{columns:11rem;column-gap:2.5rem}\
    .list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\
    .list tr{display:flex;justify-content:space-between;break-inside:avoid;border-bottom:1px solid var(--line)}\
    .list th,.list td{border:0}.list .n{padding-right:0}.list .sum{border-top:2px solid var(--ink)}}

    """

  /// The narrowest screens: rows of wide tables in two to five tracks below their name, headings alike.
  static let narrow = """
    @media screen and (max-width:39.99rem){body{padding:.9rem}dl{grid-template-columns:1fr;gap:0}\
    dt,dd{grid-column:1}dd{margin-bottom:.4rem}table{font-size:.85rem}th,td{padding-right:.5rem}\
    .table{background:linear-gradient(90deg,var(--paper) 50%,transparent) 0 0/2rem 100%,\
    linear-gradient(270deg,var(--paper) 50%,transparent) 100% 0/2rem 100%,\
    linear-gradient(90deg,var(--shade),transparent) 0 0/.7rem 100%,\
    linear-gradient(270deg,var(--shade),transparent) 100% 0/.7rem 100%;background-repeat:no-repeat;\
    background-attachment:local,local,scroll,scroll}\
    .stack,.stack thead,.stack tbody{display:block;min-width:0;width:100%}\
    .stack tr{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));column-gap:.4rem;padding:.25rem 0;\
    border-bottom:1px solid var(--line)}\
    .stack thead tr{border-bottom-width:2px}.stack .sum{border-top:2px solid var(--ink)}\
    .stack th,.stack td{border:0;padding:.05rem 0;min-width:0;overflow-wrap:anywhere}\
    .t2 tr{grid-template-columns:repeat(2,minmax(0,1fr))}.t3 tr{grid-template-columns:repeat(3,minmax(0,1fr))}\
    .t5 tr{grid-template-columns:repeat(5,minmax(0,1fr))}\
    .stack .n{white-space:normal}.stack .w2{grid-column:span 2}.stack .w4,.stack .group th,.stack .more td{grid-column:1/-1}\
    .stack .n:first-child{text-align:left}.stack .n:first-child+.w4{grid-column:2/-1}\
    .stack .state{padding-left:1.15em}.stack tbody th{font-weight:600}.stack td:empty.w4{display:none}}

    """

  /// Charts. They fill the width that there is; their texts keep their size.
  static let charts = """
    figure{margin:.8rem 0 1.4rem;container-type:inline-size}
    figcaption{font-size:.9rem;margin-bottom:.5rem}
    figcaption strong{display:block;font-size:1rem}figcaption span{color:var(--faint)}
    .chart{display:block;width:100%;max-width:72rem;overflow:visible;font-size:.75rem;font-family:inherit}
    .l1,.l2,.l3{padding-right:1rem}.l1{padding-left:3.6rem}.l2{padding-left:6.2rem}.l3{padding-left:9.5rem}
    .chart text{fill:var(--ink)}.chart .axis{fill:var(--faint)}
    .grid{stroke:var(--line);stroke-width:1}
    .slope{stroke:var(--part);stroke-width:2}.dot{fill:var(--part)}
    .ring{fill:var(--paper);stroke:var(--part);stroke-width:2}
    .cell{stroke:var(--paper);stroke-width:1}
    .s1,.maintenance{fill:var(--s1)}.s2,.idle{fill:var(--s2)}.s3,.running{fill:var(--s3)}\
    .s4,.setup{fill:var(--s4)}.s5{fill:var(--s5)}.s6,.stopped,.off{fill:var(--s6)}.fault{fill:var(--bad)}
    .hatch{stroke:var(--paper);stroke-width:1.4;fill:none}
    .nodata{fill:var(--raised);stroke:var(--line)}
    .lost{stroke:var(--lost);stroke-width:3;stroke-dasharray:6 3}.hidden{fill:none;pointer-events:all}
    .weekend{fill:var(--shade)}.night{fill:var(--s6)}.dusk{fill:var(--dusk)}
    .key{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.3rem 0 0;font-size:.8rem;color:var(--faint);max-width:none}
    .key span{white-space:nowrap}.sample{vertical-align:-2px;margin-right:.35rem}
    @container (max-width:27rem){.alt{display:none}}

    """

  /// Signs of statuses, which differ in shape as well as in colour, and the tiles of the headline.
  static let status = """
    .met{--state:var(--good)}.missed,.refused{--state:var(--bad)}.none,.unconnectable{--state:var(--faint)}\
    .reporting{--state:var(--good)}.silent{--state:var(--half)}.offline{--state:var(--lost)}.unseen{--state:var(--unseen)}
    .state::before{content:"";display:inline-block;width:.75em;height:.75em;margin-right:.4em;\
    border:2px solid var(--state);border-radius:50%;vertical-align:-.05em}
    .state{padding-left:1.15em;text-indent:-1.15em}.table .unconnectable{white-space:nowrap}
    td.met,td.missed,th.met,th.missed{color:var(--state);font-weight:600}
    .state.met::before,.reporting::before{background:var(--state)}
    .silent::before{background:linear-gradient(90deg,var(--state) 50%,transparent 0)}
    .unseen::before{border-style:dotted}
    .state.missed::before,.refused::before{border-radius:0;background:linear-gradient(45deg,transparent 40%,\
    var(--state) 40% 60%,transparent 60%),linear-gradient(-45deg,transparent 40%,var(--state) 40% 60%,transparent 60%)}
    .state.none::before,.unconnectable::before{border-radius:0;\
    background:linear-gradient(transparent 35%,var(--state) 35% 65%,transparent 65%)}
    .headline>p{font-size:1.1rem}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.8rem;list-style:none;\
    margin:1rem 0;padding:0}
    .tile{padding:.7rem .9rem;background:var(--raised);border:1px solid var(--line);\
    border-top:4px solid var(--state,var(--line));border-radius:.25rem;break-inside:avoid}.tile p{margin:0}
    .tile-label{font-size:.875rem}
    .tile-value{font-size:1.7rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
    .tile-detail,.tile-change{font-size:.875rem;color:var(--faint);font-variant-numeric:tabular-nums}
    .spark{display:block;width:100%;margin-top:.4rem;overflow:visible}
    .tile.met .tile-value,.tile.missed .tile-value{color:var(--state)}
    .tile.met .tile-status,.tile.missed .tile-status{color:var(--state);font-weight:600}

    """
}
