/// Rules for dark mode and for paper.
extension StyleSheet {
  /// Colours of dark mode.
  static let dark = """
    @media screen and (prefers-color-scheme:dark){:root{--ink:#e6eaee;--faint:#a6b0ba;--line:#3b444d;\
    --paper:#14181c;--raised:#20262c;--part:#6aa9ee;--rest:#333c45;--warn:#ffc46b;--warnback:#33260f;\
    --link:#8abfff;--good:#6cc18c;--bad:#ff8f85;--lost:#f0b35f;--half:#6aa9ee;--unseen:#b9a6f0;\
    --shade:#9aa6b133;--dusk:#0006;\
    --s1:#6aa9ee;--s2:#f0995f;--s3:#6cc18c;--s4:#b995e0;--s5:#d3b53f;--s6:#9aa6b1}}

    """

  /// Paper. A heading keeps the beginning of what follows it, and a form has pages of its own. Lists that are folded
  /// stay folded.
  static let print = """
    @media print{html{font-size:9.5pt}body{max-width:none;padding:0}nav,.back,details.all,details.data{display:none}h1{font-size:16pt}\
    h2{font-size:12pt;margin-top:1.4rem}h3{font-size:10pt;margin-top:1rem}\
    h2,h3,figcaption,thead,.group{break-after:avoid}\
    tbody tr:nth-child(-n+3){break-before:avoid}tr,figure,.warning,dl,.tiles{break-inside:avoid}\
    thead{display:table-header-group}.sum{break-before:avoid}p{orphans:3;widows:3}\
    th,td{padding-top:2px;padding-bottom:2px}.table{overflow:visible;margin:.3rem 0 .6rem}\
    table{font-size:8.5pt;width:100%}figure{margin:.4rem 0 .8rem}.bar{height:.2rem;margin-top:0}\
    .pair:not(.roomy){display:grid;column-gap:8mm;break-inside:avoid}.pair table{min-width:0}\
    .pair:not(.roomy)>div>:first-child{margin-top:0}\
    .pair:not(.roomy) th,.pair:not(.roomy) td{white-space:normal;word-break:normal;padding-right:.45rem}\
    section+section[aria-labelledby=form],section+section[aria-labelledby^=form-],.pair+section[aria-labelledby=form],\
    section[aria-labelledby=form]+:not([aria-labelledby^=form]),\
    section[aria-labelledby^=form-]+:not([aria-labelledby^=form]),\
    section[aria-labelledby^=form_]+:not([aria-labelledby^=form]){break-before:page}\
    .tiles{grid-template-columns:repeat(auto-fit,minmax(32mm,1fr));gap:3mm}.tile{padding:2mm 3mm}\
    .tile-value{font-size:14pt}a{color:inherit;text-decoration:none}\
    *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

    """
}
