/// The style of an HTML report on a screen, light or dark, and on paper.
enum StyleSheet {
  /// The style sheet. Browsers that support page margins (CSS Paged Media) print the header and page numbers.
  static func text(pageHeader: String, pages: (before: String, of: String, after: String)) -> String {
    screen + dark + print
      + """
      @page{size:A4;margin:18mm 15mm 16mm;\
      @top-left{content:\(quoted(pageHeader));font:8pt sans-serif;color:#444}\
      @bottom-right{content:\(quoted(pages.before)) counter(page) \(quoted(pages.of)) counter(pages) \
      \(quoted(pages.after));font:8pt sans-serif;color:#444}}

      """
  }

  /// A text as a CSS string that cannot end the string or the style element.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      let isPlain =
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == " "
        || scalar == "·"
        || scalar == "-"
      quoted += isPlain ? String(scalar) : "\\" + String(scalar.value, radix: 16) + " "
    }
    return quoted + "\""
  }

  private static let screen = """
    :root{--ink:#1b1f24;--faint:#57606a;--line:#c8cfd6;--paper:#fff;--raised:#f4f6f8;--part:#1f5fa8;--rest:#dde3e9;\
    --warn:#7a3b00;--warnback:#fff4e0;--link:#0b4f9e;\
    --s1:#1f5fa8;--s2:#b5541c;--s3:#2f7d4f;--s4:#7a4fa3;--s5:#8a6d00;--s6:#5b6670}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;padding:1.2rem;max-width:72rem;background:var(--paper);color:var(--ink);\
    font:1rem/1.5 "Segoe UI","Helvetica Neue",Arial,"Noto Sans","Noto Sans CJK SC","Source Han Sans SC",\
    "PingFang SC","Microsoft YaHei",sans-serif;overflow-wrap:anywhere}
    body:lang(zh-Hans){line-height:1.6}
    h1{font-size:1.6rem;line-height:1.25;margin:0}
    h1 small,h2 small{font-weight:400;font-size:.65em;color:var(--faint)}
    h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-bottom:.2rem;border-bottom:2px solid var(--line)}
    h3{font-size:1rem;margin:1.4rem 0 .4rem}
    p{margin:.4rem 0}
    .period,.faint,figcaption{color:var(--faint)}
    .faint{font-size:.875rem}
    a{color:var(--link)}
    nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:1rem 0 0;padding:0;font-size:.9rem}
    nav a{display:inline-block;padding:.15rem 0}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.4rem 0}
    dt{color:var(--faint);grid-column:1}
    dd{margin:0;grid-column:2}
    .warning{color:var(--warn);background:var(--warnback);border-left:4px solid var(--warn);\
    padding:.15rem .5rem;font-weight:600}
    .table{overflow-x:auto;margin:.5rem 0 1rem}
    .table:focus-visible,.scroll:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
    table{border-collapse:collapse;font-size:.925rem;font-variant-numeric:tabular-nums;min-width:min(100%,30rem)}
    caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    th,td{padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);\
    overflow-wrap:normal}
    thead th{color:var(--faint);font-weight:600;border-bottom-width:2px;vertical-align:bottom;\
    word-break:keep-all}
    tbody th{font-weight:400;word-break:keep-all}
    .n{text-align:right;white-space:nowrap}
    .group th{font-weight:600;padding-top:.7rem}
    .sum th,.sum td{font-weight:600;border-top:2px solid var(--ink)}
    section[aria-labelledby^=form] table{width:100%}section[aria-labelledby^=form] thead .n{white-space:normal}
    section[aria-labelledby=form] tbody th,section[aria-labelledby^=form-] tbody th{word-break:normal;min-width:9rem}
    .flag th,.flag td{color:var(--warn);background:var(--warnback)}
    .blank{min-width:6rem}.blank span{display:block;height:1.4em;border-bottom:1px solid var(--ink);color:transparent;\
    overflow:hidden}
    .bar{display:block;width:100%;min-width:4.5rem;height:.35rem;margin-top:.15rem}
    .rest{fill:var(--rest)}.part{fill:var(--part)}
    @media (min-width:40rem){.list,.list tbody{display:block}.list tbody{columns:11rem;column-gap:2.5rem}\
    .list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\
    .list tr{display:flex;justify-content:space-between;break-inside:avoid;border-bottom:1px solid var(--line)}\
    .list th,.list td{border:0}.list .n{padding-right:0}.list .sum{border-top:2px solid var(--ink)}}
    figure{margin:.8rem 0 1.4rem}
    figcaption{font-size:.9rem;margin-bottom:.3rem}
    .chart{display:block;width:100%;max-width:48rem;height:auto;font-size:11px;font-family:inherit}
    .chart text{fill:var(--ink)}.chart .axis{fill:var(--faint)}
    .chart .grid{stroke:var(--line);stroke-width:1}
    .chart .slope{stroke:var(--part);stroke-width:2;fill:none}.chart .dot{fill:var(--part)}
    .chart .ring{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}
    summary{cursor:pointer;color:var(--link);margin:.3rem 0}summary:focus-visible{outline:2px solid var(--link)}
    .more td{color:var(--faint)}
    .scroll{overflow-x:auto}.scroll .chart{min-width:38rem}
    .s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}.s4{fill:var(--s4)}.s5{fill:var(--s5)}\
    .s6{fill:var(--s6)}
    .hatch{stroke:var(--paper);stroke-width:1.4}
    .nodata{fill:var(--raised);stroke:var(--line)}

    """

  private static let dark = """
    @media screen and (prefers-color-scheme:dark){:root{--ink:#e6eaee;--faint:#a6b0ba;--line:#3b444d;\
    --paper:#14181c;--raised:#20262c;--part:#6aa9ee;--rest:#333c45;--warn:#ffc46b;--warnback:#33260f;\
    --link:#8abfff;--s1:#6aa9ee;--s2:#f0995f;--s3:#6cc18c;--s4:#b995e0;--s5:#d3b53f;--s6:#9aa6b1}}

    """

  private static let print = """
    @media print{body{max-width:none;padding:0;font-size:9.5pt}nav,details.all,details.data{display:none}\
    h2,h3,figcaption,thead,.group,tbody tr:first-child{break-after:avoid}tbody tr:first-child{break-before:avoid}tr,figure,.warning{break-inside:avoid}thead{display:table-header-group}\
    .sum{break-before:avoid}th,td{padding-top:2px;padding-bottom:2px}h2{margin-top:1.4rem}\
    .table,.scroll{overflow:visible}.scroll .chart{min-width:0}table{font-size:8.5pt;width:100%}\
    a{color:inherit;text-decoration:none}\
    *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

    """
}
