/// Rules of the site's own parts, after those of reports.
enum SiteStyle {
  static let text = frame + bars + district + lists + narrow + dark + paper

  private static let frame = """
    body{padding:0;max-width:none;min-height:100vh;display:flex;flex-direction:column}
    main{padding:.6rem 1.2rem 1.2rem;width:100%;max-width:120rem;margin:0 auto;flex:1}
    main:focus{outline:0}
    .skip{position:absolute;left:-99rem;z-index:2;background:var(--paper);padding:.5rem 1rem}
    .skip:focus{left:.5rem;top:.5rem}
    .site{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem 1.6rem;padding:.45rem 1.2rem;\
    border-bottom:1px solid var(--line);background:var(--raised)}
    .site p{margin:0}.brand{font-weight:600}.brand a{color:inherit;text-decoration:none}
    .site nav{font-size:.95rem}.site ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:0;padding:0}
    .site li a{display:inline-block;padding:.25rem 0}
    .site [aria-current]{color:inherit;font-weight:600;text-decoration:none;border-bottom:2px solid var(--part)}
    .site .collector{margin-left:auto;font-variant-numeric:tabular-nums;font-size:.9rem}
    .site .account{display:flex;gap:.6rem;align-items:center;font-size:.9rem}
    .site .account button{font:inherit;padding:.1rem .6rem;min-height:1.75rem;color:var(--ink);background:var(--paper);\
    border:1px solid var(--faint);border-radius:.25rem;cursor:pointer}
    .collector.good{color:var(--good)}.collector.warn{color:var(--warn)}.collector.bad{color:var(--bad);font-weight:600}
    #announcement{margin:0;max-width:none}
    #announcement.lost{background:var(--bad);color:var(--paper);font-weight:600;padding:.4rem 1.2rem}
    #announcement.found{color:var(--good);padding:.2rem 1.2rem}
    .lost main{opacity:.75}
    footer{padding:.5rem 1.2rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--faint)}
    footer p{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:0;max-width:none}
    a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--link);\
    outline-offset:2px}
    .unseen-text{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;margin:0}
    code{font-family:ui-monospace,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;font-size:.9em;\
    background:var(--raised);padding:.05rem .3rem;border-radius:.2rem;overflow-wrap:anywhere}

    """

  private static let bars = """
    .buckets{display:block;width:100%;height:.5rem;border-radius:.1rem;overflow:hidden;background:var(--rest)}
    .b-reporting{fill:var(--good)}.b-silent{fill:url(#p-silent)}.b-offline{fill:url(#p-offline)}\
    .b-refused{fill:url(#p-refused)}.b-unconnectable{fill:var(--rest)}.b-unseen{fill:url(#p-unseen)}
    .f-silent{fill:var(--half)}.f-offline{fill:var(--lost)}.f-refused{fill:var(--bad)}.f-unseen{fill:var(--unseen)}
    .hidden{position:absolute}
    .whole{margin:.5rem 0}.whole .buckets{height:1.1rem}
    .legend{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;list-style:none;padding:0;margin:.35rem 0 0;font-size:.875rem;\
    color:var(--faint)}
    .legend b{color:var(--ink);font-variant-numeric:tabular-nums}
    .swatch{width:.8rem;height:.8rem;margin-right:.35rem;vertical-align:-.08rem;border:1px solid var(--line)}

    """

  private static let district = """
    .finding{font-size:1.05rem;max-width:none;margin:.2rem 0}
    .finding~.finding{font-size:.95rem}
    .headline .tiles{margin:.5rem 0;gap:.6rem}
    .district .tile{padding:.35rem .8rem .45rem}.district .tile-value{font-size:1.5rem}
    .trend{display:block;width:100%;height:1.8rem;overflow:visible}.trend path{fill:none;stroke:var(--part);stroke-width:2;\
    vector-effect:non-scaling-stroke}
    .movers{margin:.2rem 0;font-size:.9rem;max-width:none}.movers b{font-weight:600}
    .controls{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:end;margin:.4rem 0}
    .controls label{display:block;font-size:.8rem;color:var(--faint)}
    .controls input,.controls select,.controls button{font:inherit;font-size:.9rem;padding:.2rem .5rem;min-height:2rem;\
    color:var(--ink);background:var(--paper);border:1px solid var(--faint);border-radius:.25rem;max-width:15rem}
    .controls button{cursor:pointer}
    .district h2{margin:.5rem 0 .35rem;font-size:1rem;border:0;padding:0}
    .factories{display:grid;grid-template-columns:repeat(auto-fill,minmax(7.1rem,1fr));gap:.3rem;list-style:none;margin:0;\
    padding:0}
    .factory a{display:block;height:100%;padding:.2rem .45rem .3rem;color:var(--ink);text-decoration:none;\
    background:var(--raised);border:1px solid var(--line);border-left:4px solid var(--state,var(--line));border-radius:.2rem}
    .factory a:hover{border-color:var(--link)}
    .factory .name{display:block;font-size:.75rem;line-height:1.3;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
    .factory b{display:block;font-size:1.05rem;line-height:1.25;font-variant-numeric:tabular-nums}
    .factory .id{float:right;font-size:.7rem;line-height:1.9;color:var(--faint);max-width:55%;white-space:nowrap;\
    overflow:hidden;text-overflow:ellipsis}
    .factory .buckets{height:.4rem;margin-top:.1rem}
    .factory.full{--state:var(--good)}.factory.part{--state:var(--half)}.factory.dark{--state:var(--bad)}\
    .factory.unregistered{--state:var(--unseen)}
    .factory.dark a{border-left-style:double}.factory.unregistered a{border-left-style:dotted}
    @media screen and (min-width:80rem){.district .headline{display:grid;grid-template-columns:auto 1fr;column-gap:2rem}\
    .district .headline>*{grid-column:1/-1}.district .finding:first-child{grid-column:1}\
    .district .finding:first-child+.finding{grid-column:2;align-self:center}\
    .district .tile{display:grid;grid-template-columns:auto 1fr;grid-template-rows:auto auto 1fr;column-gap:1rem}\
    .district .tile>*{grid-column:2}.district .tile-label{grid-column:1/-1}\
    .district .trend{grid-column:2;align-self:end}.district .tile-value{grid-column:1;grid-row:2/span 3;font-size:1.8rem}\
    .district .whole{display:flex;gap:1.5rem;align-items:center;margin:.3rem 0}.district .whole .buckets{flex:1}\
    .district .legend{margin:0;gap:.1rem .9rem}\
    .district .controls>div{display:flex;align-items:center;gap:.4rem}.district .controls{margin:.3rem 0;gap:.3rem 1.2rem}}
    .wall .site nav,.wall .site .account,.wall footer a{display:none}.wall main{max-width:none;padding:.4rem .8rem}
    .wall .finding{display:none}.wall h2,.wall .faint{display:none}

    """

  private static let lists = """
    .title h1 small{display:inline}.crumbs{font-size:.9rem}
    .crumbs ol{display:flex;flex-wrap:wrap;gap:0 .5rem;list-style:none;margin:0;padding:0}
    .crumbs ol{border:0}.crumbs li a{display:inline;padding:0}
    .crumbs li+li::before{content:"/";margin-right:.5rem;color:var(--faint)}
    .filters,.downloads{display:flex;flex-wrap:wrap;gap:.3rem .5rem;list-style:none;margin:.4rem 0;padding:0;font-size:.9rem}
    .filters a,.downloads a,.turns a{display:inline-block;padding:.2rem .7rem;border:1px solid var(--line);border-radius:1rem;\
    text-decoration:none}
    .filters [aria-current]{color:var(--paper);background:var(--part);border-color:var(--part)}
    .turns{display:flex;gap:1rem;align-items:center}
    .workshops{width:100%}.workshops .wide{width:45%}.workshops small{color:var(--faint)}
    td .faint{margin:.1rem 0 0}
    .alerts{list-style:none;padding:0;display:grid;gap:.8rem}
    .alerts li{background:var(--raised);border:1px solid var(--line);border-left:4px solid var(--warn);border-radius:.3rem;\
    padding:.6rem 1rem}
    .alerts li.bad{border-left-color:var(--bad);border-left-style:double}.alerts h2{margin:0;border:0;padding:0;font-size:1.05rem}
    .alerts p{margin:.2rem 0}
    .steps{counter-reset:step;list-style:none;padding:0;display:grid;gap:1rem;\
    grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));align-items:start}
    .steps li{counter-increment:step;background:var(--raised);border:1px solid var(--line);border-radius:.3rem;padding:1rem}
    .steps h2{margin:0;border:0}.steps h2::before{content:counter(step) ". "}

    """

  private static let narrow = """
    @media (max-width:39.99rem){main,.site,footer{padding-left:.8rem;padding-right:.8rem}.site .collector{margin-left:0}\
    .factories{grid-template-columns:repeat(auto-fill,minmax(6.4rem,1fr))}\
    .headline .tiles{grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr))}\
    .workshops .wide{width:auto}}
    @media (prefers-reduced-motion:no-preference){.factory b{transition:color .3s}}

    """

  private static let dark = """
    @media screen and (prefers-color-scheme:dark){#announcement.lost{color:#14181c}.filters [aria-current]{color:#14181c}}

    """

  private static let paper = """
    @media print{.site nav,.site .account,.skip,.controls,.downloads,.filters,.turns,.collector{display:none}main{padding:0}\
    .factories{grid-template-columns:repeat(6,1fr)}.factory{break-inside:avoid}@page{size:A4;margin:15mm}}

    """
}
