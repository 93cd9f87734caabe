import Reporting

/// Files that pages load: one style sheet, one script and one icon. Their names have a hash of their content, so that a
/// browser may keep them for ever.
package struct Asset: Sendable {
  package let path: String
  let mediaType: String
  package let content: [UInt8]

  init(_ name: String, ending: String, _ mediaType: String, _ text: String) {
    path = "/assets/\(name)-\(Moment.tag(text)).\(ending)"
    self.mediaType = mediaType
    content = Array(text.utf8)
  }

  var response: WebResponse {
    WebResponse(
      headers: [
        ("content-type", mediaType), ("cache-control", "public, max-age=31536000, immutable"),
      ], body: .bytes(content))
  }
}

package enum Assets {
  package static let style = Asset(
    "style", ending: "css", "text/css; charset=utf-8", DocumentMarkup.style + SiteStyle.text)
  package static let script = Asset("live", ending: "js", "text/javascript; charset=utf-8", LiveScript.text)
  package static let icon = Asset(
    "icon", ending: "svg", "image/svg+xml",
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f5fa8"/>\
    <path d="M3 12V5l5 4 5-4v7" fill="none" stroke="#fff" stroke-width="2"/></svg>
    """)

  package static let all = [style, script, icon]
}
