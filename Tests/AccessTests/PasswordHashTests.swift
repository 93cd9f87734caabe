import Access
import Testing

@Suite("Passwords as scrypt keys") struct PasswordHashTests {
  /// RFC 7914, section 12, and by Python:
  /// `python3 -c "import hashlib; print(hashlib.scrypt(b'password',salt=b'NaCl',n=1024,r=8,p=16,maxmem=1<<28,dklen=64).hex())"`
  @Test(
    "The function has the test vectors of RFC 7914",
    arguments: [
      (
        "", "", 4, 1, 1,
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
      ),
      (
        "password", "NaCl", 10, 8, 16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
      ),
      (
        "pleaseletmein", "SodiumChloride", 14, 8, 1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
      ),
    ])
  func vectors(password: String, salt: String, logarithm: Int, size: Int, passes: Int, key: String) throws {
    let cost = try #require(PasswordHash.Cost(logarithm: logarithm, blockSize: size, passes: passes))
    let found = try PasswordHash.derive(Array(password.utf8), salt: Array(salt.utf8), cost: cost, count: 64)
    #expect(Self.hexadecimal(found) == key)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// `hashlib.scrypt(b"correct horse 9", salt=bytes(range(16)), n=32768, r=8, p=3, maxmem=1<<28, dklen=32)`, both in
  /// Base64 without padding.
  private static let stored =
    "$scrypt$ln=15,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$tGYENTsSGhSTI8nVwMgGl1aGdakMkepOo3rNHVynQMA"

  @Test("A stored hash is read, written the same, and has its password only") func stored() throws {
    let hash = try #require(PasswordHash(Self.stored))
    #expect(hash.text == Self.stored)
    #expect(hash.cost == .standard)
    #expect(hash.cost.memory == 33_554_432)
    #expect(try hash.matches(#require(Password("correct horse 9"))))
    #expect(try !hash.matches(#require(Password("correct horse 8"))))
    #expect(try !hash.matches(#require(Password(""))))
  }

  @Test("Full-width characters of an input method are the plain ones") func fullWidth() throws {
    #expect(Password("ｃｏｒｒｅｃｔ ｈｏｒｓｅ ９") == Password("correct horse 9"))
    #expect(Password("e\u{301}cole technique") == Password("\u{e9}cole technique"))
  }

  @Test("Two hashes of a password differ in their salts") func salts() throws {
    let (a, b) = (try hash("correct horse 9"), try hash("correct horse 9"))
    #expect(a != b && a.text.hasPrefix("$scrypt$ln=4,r=1,p=1$") && a.text.count == b.text.count)
  }

  @Test(
    "A text of another form, or with a cost that would take gigabytes, is no hash",
    arguments: [
      "", "correct horse 9", "$scrypt$ln=15,r=8,p=3$AAECAwQFBgcICQoLDA0ODw",
      "$scrypt$ln=15,r=8$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$argon2$ln=15,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=18,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=63,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=-1,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=4,r=9223372036854775807,p=3$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=4,r=1,p=17$AAECAwQFBgcICQoLDA0ODw$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=4,r=1,p=1$AAEC$CayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
      "$scrypt$ln=4,r=1,p=1$AAECAwQFBgcICQoLDA0ODw$",
      "$scrypt$ln=4,r=1,p=1$AAECAwQFBgcICQoLDA0ODw$*ayVZIV0XXLK4lrE7iKkGEQCxKBMmYPAYJDzaGR/2dQ",
    ])
  func others(text: String) { #expect(PasswordHash(text) == nil) }

  @Test("128 MiB of memory are the limit of a cost") func cost() {
    #expect(PasswordHash.Cost(logarithm: 17, blockSize: 8, passes: 1)?.memory == 134_217_728)
    #expect(PasswordHash.Cost(logarithm: 18, blockSize: 8, passes: 1) == nil)
    #expect(PasswordHash.Cost(logarithm: 20, blockSize: 1, passes: 16)?.memory == 134_217_728)
    #expect(PasswordHash.Cost(logarithm: 0, blockSize: 8, passes: 1) == nil)
    #expect(PasswordHash.Cost(logarithm: 4, blockSize: 33, passes: 1) == nil)
  }

  @Test("Passwords that are guessed first are not accepted") func faults() {
    #expect(Password.fault("correct horse 9", account: "boss") == nil)
    #expect(Password.fault("重庆科学城的机床都联网了吗", account: "boss") == nil)
    #expect(Password.fault("elevenchars", account: "boss") == .short)
    #expect(Password.fault(String(repeating: "a", count: 20), account: "boss") == .simple)
    #expect(Password.fault("ababababababab", account: "boss") == .simple)
    #expect(Password.fault("Longname.Of.It", account: "longname.of.it") == .simple)
    #expect(Password.fault("correct\thorse 9", account: "boss") == .control)
    #expect(Password.fault(String(repeating: "abc", count: 342), account: "boss") == .long)
    #expect(Password(String(repeating: "a", count: 1025)) == nil)
  }
}
