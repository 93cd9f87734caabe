import MQTT
import Testing

@Suite("The first answer of a port") struct FirstAnswerTests {
  @Test(
    "Without TLS only the packets with which a broker may begin make it a broker",
    arguments: [
      (nil, true), (0x15, true), (0x16, true), (0x48, true), (0x00, true), (0x20, false), (0xE0, false),
      (0xF0, false),
    ] as [(UInt8?, Bool)])
  func plain(byte: UInt8?, isForeign: Bool) {
    let first = FirstAnswer(byte: byte)
    for reason: DisconnectReason in [
      .dropped(clientID: "c"), .closed("before it answered"), .unreadable("x"),
    ] {
      #expect(first.isForeign(overTLS: false, reason) == isForeign, "\(reason)")
    }
  }

  @Test(
    "Over TLS only a record of the handshake or an alert makes it a TLS server",
    arguments: [(nil, true), (0x20, true), (0x48, true), (0x15, false), (0x16, false)] as [(UInt8?, Bool)])
  func overTLS(byte: UInt8?, isForeign: Bool) {
    let first = FirstAnswer(byte: byte)
    for reason: DisconnectReason in [
      .dropped(clientID: "c"), .closed("x"),
      .tls("error:0A000126:SSL routines::unexpected eof while reading"),
      .tls("error:0A00010B:SSL routines::wrong version number"), .tls("A TLS error occurred."),
    ] {
      #expect(first.isForeign(overTLS: true, reason) == isForeign, "\(reason)")
    }
  }

  @Test("A refused certificate is none of a port, unless the other side closed without a word")
  func certificate() {
    let refused = DisconnectReason.tls("certificate verify failed")
    #expect(!FirstAnswer(byte: 0x16).isForeign(overTLS: true, refused))
    #expect(!FirstAnswer().isForeign(overTLS: true, refused))
    #expect(FirstAnswer(closedSilently: true).isForeign(overTLS: true, refused))
    for detail in ["sslv3 alert handshake failure", "unsupported protocol"] {
      #expect(!FirstAnswer().isForeign(overTLS: true, .tls(detail)), "\(detail)")
    }
  }

  @Test("Refusals and silence stay what they are") func others() {
    for reason: DisconnectReason in [
      .refused(code: 0x87, "Not authorized"), .silent("x"), .unreachable("x"), .stopped,
      .noAnswer(host: "h", port: 1, milliseconds: 1),
    ] {
      #expect(!FirstAnswer().isForeign(overTLS: false, reason), "\(reason)")
      #expect(!FirstAnswer().isForeign(overTLS: true, reason), "\(reason)")
    }
  }
}
