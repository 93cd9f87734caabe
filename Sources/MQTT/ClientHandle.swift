import CMosquitto
import CMosquittoGuard
import COpenSSL
import Glibc

/// Owns one libmosquitto client from its creation to its destruction, together with the inbox that its callbacks
/// write to.
///
/// The client is always in "threaded" mode: the library only queues packets, and sends nothing before ``write()``.
/// This behaviour is undocumented. It is the reason why a PUBACK cannot overtake its commit;
/// Tests/MQTTTests/AcknowledgementOrderTests.swift checks it for every version that Scripts/test can build. Creating
/// a client makes the process ignore SIGPIPE.
struct ClientHandle: ~Copyable {
  private let handle: OpaquePointer
  let endpoint: BrokerEndpoint
  /// Written by the callbacks.
  let inbox: UnsafeMutablePointer<Inbox>
  private let transport: Transport

  /// A client for `endpoint` that is not yet connected.
  static func create(
    endpoint: BrokerEndpoint, cleanStart: Bool, inbox contents: Inbox
  ) throws(DisconnectReason) -> ClientHandle {
    guard MQTTLibrary.isReady == 0 else { throw .unreachable("libmosquitto cannot be initialized") }
    let transport = try Transport.create()
    let inbox = UnsafeMutablePointer<Inbox>.allocate(capacity: 1)
    inbox.initialize(to: contents)
    guard let handle = transport.around({ mosquitto_new(endpoint.clientID, cleanStart, inbox) }) else {
      inbox.deinitialize(count: 1)
      inbox.deallocate()
      throw .unreachable("cannot create a client: \(errorText(errno))")
    }
    let client = ClientHandle(handle: handle, endpoint: endpoint, inbox: inbox, transport: transport)
    try client.configure()
    return client
  }

  private init(
    handle: OpaquePointer, endpoint: BrokerEndpoint, inbox: UnsafeMutablePointer<Inbox>,
    transport: consuming Transport
  ) {
    self.handle = handle
    self.endpoint = endpoint
    self.inbox = inbox
    self.transport = transport
  }

  deinit {
    mosquitto_destroy(handle)
    inbox.deinitialize(count: 1)
    inbox.deallocate()
  }

  private func configure() throws(DisconnectReason) {
    mosquitto_threaded_set(handle, true)
    mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, endpoint.protocolVersion.rawValue)
    mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
    if let username = endpoint.username {
      try check(mosquitto_username_pw_set(handle, username, endpoint.password))
    }
    if let tls = endpoint.tls { try secure(tls) }
  }

  private func secure(_ tls: TLSSettings) throws(DisconnectReason) {
    // OpenSSL would ask for a key's pass phrase on the terminal.
    let noPassPhrase:
      @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
        { _, _, _, _ in 0 }
    let result = mosquitto_tls_set(handle, tls.caFile, nil, tls.certificateFile, tls.keyFile, noPassPhrase)
    guard result == 0 else {
      throw .tls("cannot use \(tls.caFile) or the client certificate: \(text(of: result))")
    }
    try check(mosquitto_tls_opts_set(handle, SSL_VERIFY_PEER, "tlsv1.2", nil))
  }

  // MARK: Connecting

  /// Sets the maximum number of messages that the broker may send before the first is acknowledged.
  func setReceiveMaximum(_ messages: Int) throws(DisconnectReason) {
    try check(mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(messages)))
  }

  /// Sets the maximum number of messages that are sent before the broker acknowledges the first.
  func setSendMaximum(_ messages: Int) throws(DisconnectReason) {
    try check(mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, Int32(messages)))
  }

  /// Sets the message that the broker publishes if this client disappears.
  func setWill(_ will: Will) throws(DisconnectReason) {
    try check(
      mosquitto_will_set(handle, will.topic, Int32(will.payload.count), will.payload, 1, will.retained))
  }

  /// Clears the state of an earlier connection.
  func prepareToConnect() {
    inbox.pointee.answer = nil
    inbox.pointee.first = FirstAnswer()
    inbox.pointee.ended = nil
    inbox.pointee.complaints = ""
    transport.attach(nil)
    installCallbacks(handle)
  }

  /// Connects to an address that accepts connections, and queues CONNECT; see ``ConnectionAttempt``.
  ///
  /// - Parameter sessionExpiry: seconds, for MQTT 5 only.
  func connect(to address: String, sessionExpiry: UInt32) throws(DisconnectReason) {
    var properties: OpaquePointer?
    defer { mosquitto_property_free_all(&properties) }
    if endpoint.protocolVersion == .v5, sessionExpiry > 0 {
      try check(
        mosquitto_property_add_int32(
          &properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), sessionExpiry))
    }
    let result = mosquitto_connect_bind_v5(
      handle, endpoint.tls == nil ? address : endpoint.host, Int32(endpoint.port), Int32(endpoint.keepalive),
      nil,
      properties)
    if result != 0 {
      // The library begins the TLS handshake here, and a near port's first answer may be in time for it. After a
      // failure nothing is left to observe.
      let reason = reason(for: result)
      throw FirstAnswer.isOfAnotherProgram(reason)
        ? .foreign(host: endpoint.host, port: endpoint.port, overTLS: true) : reason
    }
    transport.attach(socket)
    if let ssl {
      // OpenSSL then reads many records at once; `hasUndeliveredBytes` counts them.
      SSL_set_read_ahead(ssl, 1)
    }
  }

  /// Sends CONNECT and reads the broker's answer as far as the socket is ready. Returns the answer if it is an
  /// acceptance; nil while it has not arrived. A connection that ends before it, to a port that does not speak MQTT or
  /// the endpoint's transport, throws ``DisconnectReason/foreign(host:port:overTLS:)``; one that ends after the TLS
  /// handshake, ``DisconnectReason/notAdmitted(host:port:hasCertificate:)``.
  func receiveAnswer(_ ready: Readiness) throws(DisconnectReason) -> Inbox.Answer? {
    inbox.pointee.first.observe(socket, ssl)
    do throws(DisconnectReason) {
      return try takeAnswer(ready)
    } catch {
      inbox.pointee.first.observe(socket, ssl)
      throw unanswered(error)
    }
  }

  private func takeAnswer(_ ready: Readiness) throws(DisconnectReason) -> Inbox.Answer? {
    if ready.writable { try write() }
    inbox.pointee.first.observe(socket, ssl)
    if ready.readable || hasUndeliveredBytes {
      // The library reports no error when a peer closes during the TLS handshake.
      var byte: UInt8 = 0
      let ended = ready.hungUp || recv(socket ?? -1, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
      do throws(DisconnectReason) {
        try read()
      } catch {
        // Messages, and then the end of the connection, may have arrived with the CONNACK: the next read reports the
        // end again.
        if inbox.pointee.answer?.code != 0 { throw error }
      }
      if ended, inbox.pointee.answer == nil { throw .closed("before it answered") }
    }
    guard let answer = inbox.pointee.answer else { return nil }
    guard answer.code == 0 else { throw refusal(answer.code) }
    // The log callback costs the formatting of a line for every message, so it is removed from here on.
    mosquitto_log_callback_set(handle, nil)
    MQTTLibrary.observedBuffer.store(transport.isBuffered, ordering: .relaxed)
    return answer
  }

  // MARK: Subscribing

  /// Queues one SUBSCRIBE for all filters. With MQTT 5, retained messages are requested only for a new
  /// subscription, because a resumed session has missed none.
  func subscribe(
    _ filters: [String], _ quality: OutgoingMessage.Quality = .atLeastOnce
  ) throws(DisconnectReason) {
    try subscribe(filters, qos: quality.rawValue, options: MQTT_SUB_OPT_SEND_RETAIN_NEW)
  }

  /// Queues one SUBSCRIBE for all filters at QoS 0, including the messages that the broker retains for them.
  func subscribeLightly(_ filters: [String]) throws(DisconnectReason) {
    try subscribe(filters, qos: 0, options: MQTT_SUB_OPT_SEND_RETAIN_ALWAYS)
  }

  private func subscribe(
    _ filters: [String], qos: Int32, options: mqtt5_sub_options
  ) throws(DisconnectReason) {
    inbox.pointee.granted = nil
    var texts = filters.map { strdup($0) }
    defer { for text in texts { free(text) } }
    try check(
      mosquitto_subscribe_multiple(
        handle, nil, Int32(texts.count), &texts, qos, Int32(options.rawValue), nil))
  }

  /// Queues one UNSUBSCRIBE for filters that the persistent session may still hold.
  func unsubscribe(_ filters: [String]) throws(DisconnectReason) {
    inbox.pointee.isUnsubscribed = false
    var texts = filters.map { strdup($0) }
    defer { for text in texts { free(text) } }
    try check(mosquitto_unsubscribe_multiple(handle, nil, Int32(texts.count), &texts, nil))
  }

  // MARK: Reading and writing

  /// The socket; nil after it is closed.
  var socket: Int32? {
    let socket = mosquitto_socket(handle)
    return socket < 0 ? nil : socket
  }

  var ssl: OpaquePointer? { mosquitto_ssl_get(handle).map { OpaquePointer($0) } }

  /// Whether bytes already read from the socket wait in memory, where `poll` does not see them.
  var hasUndeliveredBytes: Bool {
    transport.hasUnread || (ssl.map { SSL_has_pending($0) == 1 } ?? false)
  }

  /// Whether something is queued for writing.
  var wantsWrite: Bool { mosquitto_want_write(handle) || transport.hasUnwritten }

  /// Reads about one packet; none if nothing has arrived. libmosquitto 2.1 reads all packets in 4 KiB at a time, and
  /// over TLS all packets of a record. Messages may arrive together with the answer to CONNECT.
  func read() throws(DisconnectReason) {
    // All bytes read ahead have the arrival time of the first.
    if !hasUndeliveredBytes { inbox.pointee.receivedAt = wallClock() }
    let result = transport.around { mosquitto_guard_loop_read(handle) }
    if result != 0 || inbox.pointee.ended != nil { throw reason(for: result) }
  }

  /// Writes the queue as far as the socket accepts it, all packets together.
  func write() throws(DisconnectReason) {
    guard let socket else { throw reason(for: MOSQ_ERR_NO_CONN.rawValue) }
    let result = transport.write(handle, to: socket)
    if result != 0 || inbox.pointee.ended != nil { throw reason(for: result) }
    let failure = transport.flush()
    if failure != 0 { throw .closed(errorText(failure)) }
  }

  /// Queues a PINGREQ when one is due, and detects a broker that does not answer it.
  func keepAlive() throws(DisconnectReason) {
    let result = mosquitto_loop_misc(handle)
    if result != 0 || inbox.pointee.ended != nil { throw reason(for: result) }
  }

  /// Queues a PUBLISH; returns its message id.
  func publish(
    topic: String, payload: UnsafeRawBufferPointer, quality: OutgoingMessage.Quality, retained: Bool
  ) throws(DisconnectReason) -> Int32 {
    var id: Int32 = 0
    let result = transport.around {
      mosquitto_publish_v5(
        handle, &id, topic, Int32(payload.count), payload.baseAddress, quality.rawValue, retained, nil)
    }
    try check(result)
    return id
  }

  /// Queues a PUBLISH; returns its message id, or the reason code if this broker cannot accept the message.
  func publish(_ message: OutgoingMessage) throws(DisconnectReason) -> (id: Int32, refusal: Int32?) {
    var id: Int32 = 0
    let result = message.payload.withUnsafeBytes { payload in
      transport.around {
        mosquitto_publish_v5(
          handle, &id, message.topic, Int32(payload.count), payload.baseAddress, message.quality.rawValue,
          message.retained, nil)
      }
    }
    switch result {
    case MOSQ_ERR_OVERSIZE_PACKET.rawValue: return (id, Int32(MQTT_RC_PACKET_TOO_LARGE.rawValue))
    case MOSQ_ERR_RETAIN_NOT_SUPPORTED.rawValue: return (id, Int32(MQTT_RC_RETAIN_NOT_SUPPORTED.rawValue))
    case MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue: return (id, Int32(MQTT_RC_QOS_NOT_SUPPORTED.rawValue))
    default: try check(result)
    }
    return (id, nil)
  }
}
