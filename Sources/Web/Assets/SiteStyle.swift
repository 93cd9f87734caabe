/// Rules of the site's own parts, after those of reports.
enum SiteStyle {
  static let text = frame + collector + bars + headline + tiles + wall + lists + steps + narrow + dark + paper

  private static let frame = """
    body{padding:0;max-width:none;min-height:100vh;display:flex;flex-direction:column}
    main{padding:.6rem 1.2rem 1.2rem;width:100%;max-width:120rem;margin:0 auto;flex:1}
    main:focus{outline:0}
    h2{font-size:1.1rem;margin:1.4rem 0 .4rem;border-bottom-width:1px}main>section:first-child h2{margin-top:.4rem}
    .skip{position:absolute;left:-99rem;z-index:2;background:var(--paper);padding:.5rem 1rem}
    .skip:focus{left:.5rem;top:.5rem}
    .site{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem 1.6rem;padding:.45rem 1.2rem;\
    border-bottom:1px solid var(--line);background:var(--raised)}
    .site p{margin:0}.brand{font-weight:600}.brand a{color:inherit;text-decoration:none}
    .site nav{font-size:.95rem}.site ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:0;padding:0}
    .site li a{display:inline-block;padding:.25rem 0;text-decoration:none;border-bottom:2px solid transparent}
    .site li a:hover{border-bottom-color:currentcolor}
    .site li [aria-current]{color:inherit;font-weight:600;border-bottom-color:var(--part)}
    .site .account{display:flex;gap:.6rem;align-items:center;font-size:.9rem}
    .site .account button{font:inherit;padding:.1rem .6rem;min-height:1.75rem;color:var(--ink);background:var(--paper);\
    border:1px solid var(--faint);border-radius:.25rem;cursor:pointer}
    #announcement{margin:0;max-width:none}
    #announcement:not(.lost):not(.found){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    #announcement.lost{background:var(--bad);color:var(--paper);font-weight:600;padding:.4rem 1.2rem}
    #announcement.found{color:var(--good);padding:.2rem 1.2rem}
    .lost main{filter:grayscale(1)}
    footer{padding:.5rem 1.2rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--faint)}
    footer p{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:0;max-width:none}
    a:focus-visible,pre:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--link);\
    outline-offset:2px}
    .unseen-text{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;margin:0}
    code,pre{font-family:ui-monospace,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;font-size:.875em}
    code{background:var(--raised);padding:.05rem .3rem;border-radius:.2rem;overflow-wrap:anywhere}
    pre{background:var(--raised);border:1px solid var(--line);border-radius:.25rem;padding:.6rem .8rem;overflow-x:auto;\
    margin:.4rem 0 1rem}pre code{background:none;padding:0;font-size:1em;overflow-wrap:normal}

    """

  /// The collector's state: a word in the header while it collects, and else a line of its own below it.
  private static let collector = """
    .site .collector{margin-left:auto;font-variant-numeric:tabular-nums;font-size:.9rem;max-width:none}
    .collector b{font-weight:400}.collector.good{color:var(--good)}
    .site .collector.warn,.site .collector.bad{order:9;flex:1 0 100%;margin:.25rem -1.2rem -.45rem;padding:.4rem 1.2rem;\
    min-width:100%;box-sizing:content-box}
    .collector.warn{color:var(--warn);background:var(--warnback)}.collector.bad{color:var(--paper);background:var(--bad)}
    .warn.collector b,.bad.collector b{font-weight:600}
    .warn.collector code,.bad.collector code{color:inherit;background:none;border:1px solid currentcolor}

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
    @media screen and (min-width:80rem){.whole{display:flex;gap:1.5rem;align-items:center}.whole .buckets{flex:1}\
    .whole .legend{margin:0;gap:.1rem .9rem}}

    """

  private static let headline = """
    .headline>.finding{font-size:.95rem;max-width:none;margin:.15rem 0}
    .headline>.finding:first-child{font-size:1.15rem;font-weight:600;margin:.2rem 0}
    .headline>.faint{font-size:.875rem;margin:.2rem 0 .5rem}
    .headline .tiles{margin:.5rem 0;gap:.6rem;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}
    .headline .tile{padding:.35rem .8rem .45rem;border-top-width:3px}
    .headline .tile-value{font-size:1.7rem;white-space:nowrap}
    .trend{display:block;width:100%;height:1.8rem;margin-top:.2rem;overflow:visible}
    .trend path{fill:none;stroke:var(--part);stroke-width:2;vector-effect:non-scaling-stroke}
    .trend .ground{stroke:var(--line);stroke-width:1}
    #movers{display:flex;flex-wrap:wrap;gap:.1rem 2rem}
    .movers{margin:.1rem 0;font-size:.9rem;max-width:none}.movers b{font-weight:600}
    .movers.gone b span{color:var(--bad)}.movers.back b span{color:var(--good)}
    .reached{display:flex;flex-wrap:wrap;gap:.2rem 2rem;list-style:none;margin:.35rem 0 0;padding:0;font-size:.9rem}
    .reached li{display:flex;flex-wrap:wrap;gap:0 .5rem;align-items:center}.reached .name{color:var(--faint)}
    .reached b{font-variant-numeric:tabular-nums}.share{width:4rem;height:.4rem;background:var(--rest);border-radius:.1rem}
    @media screen and (min-width:40rem) and (max-width:79.99rem){\
    .headline .tiles{grid-template-columns:repeat(auto-fit,minmax(8.4rem,1fr))}.headline .tile{padding:.35rem .6rem .45rem}}
    @media screen and (min-width:80rem){.headline>.finding~.finding{display:inline;margin-right:1.2rem}\
    .headline .tile{display:grid;grid-template-columns:auto 1fr;grid-auto-rows:min-content;\
    align-content:start;column-gap:1rem}\
    .headline .tile>*{grid-column:2}.headline .tile>.tile-label{grid-column:1/-1}\
    .headline .tile>.tile-value{grid-column:1;grid-row:2/span 5;align-self:start;line-height:1.15}}

    """

  private static let tiles = """
    .controls{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:end;margin:.5rem 0}
    .controls label{display:block;font-size:.8rem;color:var(--faint)}
    .controls input,.controls select,.controls button{font:inherit;font-size:.9rem;padding:.2rem .5rem;min-height:2rem;\
    color:var(--ink);background:var(--paper);border:1px solid var(--faint);border-radius:.25rem;max-width:16rem}
    .controls input{width:13rem}.controls button{cursor:pointer}
    .district h2{margin:.6rem 0 .35rem;font-size:1rem;border:0;padding:0}
    .factories{display:grid;grid-template-columns:repeat(auto-fill,minmax(var(--tile,6.2rem),1fr));gap:.3rem;\
    list-style:none;margin:0;padding:0}
    .factory a{display:block;height:100%;padding:.2rem .35rem .3rem;color:var(--ink);text-decoration:none;\
    background:var(--raised);border:1px solid var(--line);border-left:4px solid var(--state,var(--line));border-radius:.2rem}
    .factory a:hover{border-color:var(--link)}
    .factory .name{display:block;font-size:.75rem;line-height:1.3;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
    .factory b{display:block;font-size:1rem;line-height:1.25;white-space:nowrap;font-variant-numeric:tabular-nums}
    .factory .id{float:right;font-size:.7rem;line-height:1.9;color:var(--faint);max-width:50%;white-space:nowrap;\
    overflow:hidden;text-overflow:ellipsis}
    .factory .buckets{height:.4rem;margin-top:.1rem}
    .factory.full{--state:var(--good)}.factory.dark{--state:var(--bad)}.factory.unregistered{--state:var(--unseen)}
    .factory.dark a{border-left-style:double}.factory.unregistered a{border-left-style:dotted}
    .c2,.c3,.c5{--tile:15rem}.c7{--tile:12.5rem}.c9{--tile:9.5rem}.c11,.c14{--tile:7.2rem}
    .c9 .factory b,.c11 .factory b{font-size:1.1rem}:is(.c2,.c3,.c5,.c7) .factory a{padding:.4rem .7rem .5rem}:is(.c2,.c3,.c5,.c7) .name{font-size:.875rem}
    :is(.c2,.c3,.c5,.c7) .factory b{font-size:1.45rem}:is(.c2,.c3,.c5,.c7) .factory .id{font-size:.8rem;line-height:2.2}
    :is(.c2,.c3,.c5,.c7) .factory .buckets{height:.55rem;margin-top:.2rem}
    @media screen and (min-width:80rem){.controls>div{display:flex;align-items:center;gap:.4rem}\
    .controls{margin:.4rem 0;gap:.3rem 1.2rem}}

    """

  /// A display that nobody touches: tiles fill the screen, and their texts grow with them.
  private static let wall = """
    .wall .site nav,.wall .site .account,.wall footer a,.wall .finding~.finding,.wall h2,.wall section>.faint{display:none}
    .wall main{max-width:none;padding:.4rem .8rem;display:flex;flex-direction:column}
    .wall section[aria-labelledby=factories]{flex:1;display:flex;flex-direction:column;margin-top:.4rem}
    .wall .headline>.finding:first-child{font-size:1.3rem}.wall .headline .tile-value{font-size:2.2rem}
    @media screen and (min-width:60rem){.wall .factories{flex:1;grid-auto-rows:1fr;\
    grid-template-columns:repeat(var(--columns,22),minmax(0,1fr))}.wall .factory{container-type:inline-size}\
    .wall .factory a{display:grid;grid-template-columns:1fr auto;grid-template-rows:auto 1fr auto;align-items:center}\
    .wall .factory a>.name,.wall .factory a>.buckets{grid-column:1/-1}\
    .wall .factory a>b{grid-row:2;font-size:clamp(1rem,15cqi,3.4rem)}\
    .wall .factory a>.id{grid-row:2;grid-column:2;max-width:none;font-size:clamp(.7rem,7cqi,1.2rem)}\
    .wall .factory .name{font-size:clamp(.75rem,8cqi,1.5rem)}.wall .factory .buckets{height:clamp(.4rem,4cqi,1.1rem)}\
    .c2{--columns:2}.c3{--columns:3}.c5{--columns:5}.c7{--columns:7}.c9{--columns:9}.c11{--columns:11}\
    .c14{--columns:14}.c17{--columns:17}.c19{--columns:19}}

    """

  private static let lists = """
    .title h1 small{display:inline}.crumbs{font-size:.9rem}
    .crumbs ol{display:flex;flex-wrap:wrap;gap:0 .5rem;list-style:none;margin:0;padding:0;border:0}
    .crumbs li a{display:inline;padding:0}
    .crumbs li+li::before{content:"/";margin-right:.5rem;color:var(--faint)}
    .filters,.downloads{display:flex;flex-wrap:wrap;gap:.3rem .5rem;list-style:none;margin:.4rem 0;padding:0;font-size:.9rem}
    .filters a,.downloads a,.turns a{display:inline-block;padding:.2rem .7rem;border:1px solid var(--line);border-radius:1rem;\
    text-decoration:none}
    .filters small{color:var(--faint);font-variant-numeric:tabular-nums}
    .filters [aria-current],.filters [aria-current] small{color:var(--paper)}
    .filters [aria-current]{background:var(--part);border-color:var(--part)}
    .turns{display:flex;gap:1rem;align-items:center}
    span.state,.stack span.state{padding-left:0;text-indent:0}h3 small{font-weight:400;color:var(--faint)}td .faint,th .faint{margin:.1rem 0 0;font-weight:400}
    .group th .state{font-weight:600}
    .workshops{width:100%}.workshops .n{width:1%;white-space:nowrap;padding-left:1rem}.workshops thead .n{white-space:normal}
    .workshops .wide{width:60%;padding-left:1rem}.workshops small{color:var(--faint);display:block}
    main .chart{max-width:none}figure{margin:.6rem 0 1rem}
    .columns{display:grid;column-gap:2.5rem;grid-template-columns:minmax(0,1fr)}
    @media screen and (min-width:80rem){.columns{grid-template-columns:repeat(2,minmax(0,1fr))}\
    .columns .spare{display:none}}@media screen and (min-width:110rem){.columns .spare{display:table-cell}}
    .verdict h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .verdict section{columns:21rem 3;column-gap:2.5rem;margin-top:.6rem}.verdict h3{margin:0 0 .2rem;break-after:avoid}
    .verdict h3:first-of-type{font-size:1.25rem}.verdict dl{break-inside:avoid;font-size:.9rem;gap:.05rem 1rem;margin:0 0 .8rem}
    .verdict p{break-after:avoid;margin:.2rem 0 .5rem}
    .strip{position:relative;margin-top:1.4rem}.strip h2{margin-top:0}.strip table{width:100%}
    .strip .filters{position:absolute;right:0;top:0;margin:0}.strip .filters a{padding:.02rem .7rem}
    .refusals{border-left:4px solid var(--bad);padding:.1rem 0 .2rem .9rem;margin:.8rem 0}
    .refusals h2{border:0;margin:0 0 .2rem;padding:0}
    .time{white-space:nowrap}.topics .became{min-width:7rem}.payload code{display:-webkit-box;-webkit-box-orient:vertical;\
    -webkit-line-clamp:2;overflow:hidden}
    .alerts{list-style:none;padding:0;display:grid;gap:.8rem}
    .alerts li{background:var(--raised);border:1px solid var(--line);border-left:4px solid var(--warn);border-radius:.3rem;\
    padding:.6rem 1rem}
    .alerts li.bad{border-left-color:var(--bad);border-left-style:double}.alerts h2{margin:0;border:0;padding:0;font-size:1.05rem}
    .alerts p{margin:.2rem 0}

    """

  private static let steps = """
    .steps{counter-reset:step;list-style:none;padding:0;margin:.5rem 0;display:grid;gap:.8rem;\
    grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));align-items:stretch}
    .steps li{counter-increment:step;background:var(--raised);border:1px solid var(--line);border-radius:.3rem;\
    padding:.8rem 1rem}
    .steps h2{margin:0;border:0;padding:0;font-size:1.05rem}.steps h2::before{content:counter(step) ". "}
    .steps .next{border:2px solid var(--part)}.steps .done,.steps .later{color:var(--faint)}
    .steps code{display:inline-block;background:var(--paper);border:1px solid var(--line);padding:.2rem .5rem}
    .steps .met{color:var(--good);font-weight:600}

    """

  private static let narrow = """
    @media screen and (max-width:39.99rem){main,.site,footer{padding-left:.8rem;padding-right:.8rem}\
    .site .collector{margin-left:0}\
    .site .collector.warn,.site .collector.bad{margin-left:-.8rem;margin-right:-.8rem;padding:.4rem .8rem}\
    .factories{grid-template-columns:repeat(auto-fill,minmax(6.4rem,1fr))}.factories .factory .id{display:none}\
    .factories:is(.c2,.c3,.c5){grid-template-columns:1fr}\
    .factories:is(.c7,.c9) .factory b{font-size:1.15rem}.factories:is(.c7,.c9) .factory a{padding:.2rem .45rem .3rem}\
    .headline .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tile:first-child:nth-last-child(odd){grid-column:1/-1}\
    .workshops .wide{width:auto}.workshops .n{padding-left:0}\
    .controls>div{flex:1 1 9rem}.controls input,.controls select{width:100%;max-width:none}\
    .verdict dl{grid-template-columns:max-content minmax(0,1fr);gap:.05rem 1rem}.verdict dd{grid-column:2;margin:0}\
    .topics thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.topics .n{text-align:left}.stack .time{white-space:normal}\
    .stack .roomless{display:none}.strip .filters{position:static;margin-bottom:.6rem}.strip .filters a{padding:.2rem .7rem}}

    """

  private static let dark = """
    @media screen and (prefers-color-scheme:dark){#announcement.lost,.filters [aria-current],\
    .filters [aria-current] small,.collector.bad{color:#14181c}}

    """

  private static let paper = """
    @media print{.site nav,.site .account,.skip,.controls,.downloads,.filters,.turns,.collector,.steps{display:none}\
    main{padding:0}.factories{grid-template-columns:repeat(6,minmax(0,1fr))}.factory{break-inside:avoid}\
    .factory .name{white-space:normal}@page{size:A4;margin:15mm}}

    """
}
