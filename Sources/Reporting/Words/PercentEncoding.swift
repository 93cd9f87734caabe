extension String {
  /// The text in an address, as a path's segment or a query's value: each byte of its UTF-8 that is not unreserved
  /// (RFC 3986, 2.3) is written as `%` and two hexadecimal digits.
  package var percentEncoded: String {
    var encoded = ""
    for byte in utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += (byte < 16 ? "%0" : "%") + digits
      }
    }
    return encoded
  }
}
