import Foundation
import FoundationNetworking
import Synchronization

/// One HTTP request and its answer, by URLSession: Foundation's own client, over the system's libcurl. It is enough for a
/// few messages an hour, verifies certificates by the system's authorities, and needs no further package.
///
/// No redirection is followed, no cookie kept; the answer is cut at ``mostBytes``, and the whole takes at most
/// ``patience``.
final class HTTPExchange: NSObject, URLSessionDataDelegate, Sendable {
  /// Bytes of an answer that are read.
  static let mostBytes = 64 << 10
  /// Seconds for an exchange.
  static let patience = 15

  private struct Answer: Sendable {
    var status: Int?
    var body: [UInt8] = []
    var failure: URLError.Code?
  }
  private let answer = Mutex(Answer())
  private let done = DispatchSemaphore(value: 0)

  /// Sends a request and waits for the answer.
  ///
  /// - Throws: why there is none. It does not contain the address.
  static func send(_ request: WebhookRequest) throws(DeliveryFailure) -> (status: Int, body: [UInt8]) {
    guard let url = URL(string: request.url) else {
      throw DeliveryFailure("the address is not valid", "网址无效")
    }
    var posted = URLRequest(
      url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: TimeInterval(patience))
    posted.httpMethod = "POST"
    posted.httpBody = Data(request.body.utf8)
    for (name, value) in request.headers { posted.setValue(value, forHTTPHeaderField: name) }
    let settings = URLSessionConfiguration.ephemeral
    settings.httpCookieStorage = nil
    settings.httpShouldSetCookies = false
    settings.urlCache = nil
    settings.timeoutIntervalForRequest = TimeInterval(patience)
    settings.timeoutIntervalForResource = TimeInterval(patience)
    let exchange = HTTPExchange()
    let session = URLSession(configuration: settings, delegate: exchange, delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    let task = session.dataTask(with: posted)
    task.resume()
    guard exchange.done.wait(timeout: .now() + .seconds(patience + 5)) == .success else {
      task.cancel()
      throw failure(.timedOut)
    }
    let answer = exchange.answer.withLock { $0 }
    guard let status = answer.status else { throw failure(answer.failure ?? .badServerResponse) }
    return (status, answer.body)
  }

  // MARK: URLSessionDataDelegate

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    answer.withLock { $0.status = response.statusCode }
    completionHandler(nil)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    if let response = response as? HTTPURLResponse {
      answer.withLock { $0.status = response.statusCode }
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isEnough = answer.withLock { answer in
      answer.body.append(contentsOf: data.prefix(max(0, Self.mostBytes - answer.body.count)))
      return answer.body.count >= Self.mostBytes
    }
    if isEnough { dataTask.cancel() }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    answer.withLock { answer in
      if let error { answer.failure = (error as? URLError)?.code ?? .unknown }
    }
    done.signal()
  }

  // MARK: -

  private static func failure(_ code: URLError.Code) -> DeliveryFailure {
    switch code {
    case .timedOut:
      DeliveryFailure("it did not answer within \(patience) s", "\(patience) 秒内未应答")
    case .cannotFindHost, .dnsLookupFailed:
      DeliveryFailure("its host is not known: check the address", "主机名无法解析，请检查网址")
    case .cannotConnectToHost:
      DeliveryFailure("it cannot be reached: check address and network", "无法连接，请检查网址和网络")
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      DeliveryFailure(
        "its certificate is not accepted: install its authority on this machine, or renew it",
        "其证书未通过验证：请在本机安装其签发机构的证书，或更换证书")
    default:
      DeliveryFailure("the connection failed (code \(code.rawValue))", "连接失败（代码 \(code.rawValue)）")
    }
  }
}
