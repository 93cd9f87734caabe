import Storage
import Testing

@Suite("URLs of stores") struct StoreURLTests {
  private func error(_ text: String) -> StoreURLError? {
    do throws(StoreURLError) {
      _ = try StoreURL(text)
      return nil
    } catch { return error }
  }

  @Test(
    "An embedded store is named by its directory, with or without the scheme",
    arguments: [
      ("sqlite:/srv/m", "/srv/m"), ("sqlite:m", "m"), ("sqlite:///srv/m", "/srv/m"), ("SQLite:../m", "../m"),
      ("/srv/m", "/srv/m"), ("m", "m"), ("./a:b", "./a:b"), ("sqlite:a:b", "a:b"), ("sqlite:/中文", "/中文"),
      ("中文:x", "中文:x"), (":x", ":x"), ("9:x", "9:x"),
    ])
  func directory(text: String, directory: String) throws {
    #expect(try StoreURL(text) == .sqlite(directory: directory))
  }

  @Test("Anything else is refused with what to write instead, and without what may be a password")
  func refused() {
    #expect(error("") == .noDirectory)
    #expect(error("sqlite:") == .noDirectory)
    #expect(error("sqlite://host/x") == .hasHost)
    #expect(error("sqlite:////x") == .hasHost)
    #expect(error("postgresql://me:secret@h/db") == .unknownScheme("postgresql"))
    #expect(
      error("PostgreSQL://me:secret@h/db")?.description
        == "'postgresql:' is no kind of store that this version knows: write sqlite:DIRECTORY (this version has no PostgreSQL store); a directory whose name begins like that is sqlite:postgresql:…"
    )
    #expect(error("sqlite:")?.description.contains("such as sqlite:/var/lib/millwright") == true)
  }
}
