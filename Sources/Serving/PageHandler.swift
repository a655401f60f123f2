import FlyingFox
import Foundation

/// Answers what a browser asks for.
struct PageHandler: HTTPHandler {
  let host: ServedHost
  let content: @Sendable () async -> PageServer.Content

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    // A page elsewhere that gives its own name this address must not read this one (DNS rebinding).
    guard host.isMeant(by: request.headers[.host]) else {
      return Self.text("This server answers to its own address alone.", .misdirectedRequest)
    }
    let isHead = request.method == .HEAD
    guard isHead || request.method == .GET else {
      var response = Self.text("This server is read-only: GET and HEAD.", .methodNotAllowed)
      response.headers[HTTPHeader("Allow")] = "GET, HEAD"
      return response
    }
    switch request.path {
    case "/":
      let page = await content()
      return Self.response(.ok, type: "text/html; charset=utf-8", body: Data(page.html.utf8), isHead: isHead)
    case "/events":
      if isHead { return Self.response(.ok, type: "text/event-stream", body: Data(), isHead: true) }
      return HTTPResponse(
        statusCode: .ok, headers: Self.headers(type: "text/event-stream"),
        body: HTTPBodySequence(from: NewsStream(content: content)))
    default: return Self.text("There is one page here: /", .notFound)
    }
  }

  private static func text(_ text: String, _ status: HTTPStatusCode) -> HTTPResponse {
    response(status, type: "text/plain; charset=utf-8", body: Data((text + "\n").utf8), isHead: false)
  }

  /// With HEAD the headers are those of the whole, and the body is left out.
  private static func response(
    _ status: HTTPStatusCode, type: String, body: Data, isHead: Bool
  ) -> HTTPResponse {
    var headers = headers(type: type)
    headers[.contentLength] = String(body.count)
    return HTTPResponse(statusCode: status, headers: headers, body: isHead ? Data() : body)
  }

  /// What keeps a page for its reader: nothing is stored, framed, or told to other sites. The page's own policy stands in the page.
  private static func headers(type: String) -> HTTPHeaders {
    [
      .contentType: type, .cacheControl: "no-store",
      HTTPHeader("X-Content-Type-Options"): "nosniff", HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("Content-Security-Policy"): "frame-ancestors 'none'",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
    ]
  }
}

extension HTTPStatusCode {
  fileprivate static let misdirectedRequest = HTTPStatusCode(421, phrase: "Misdirected Request")
}
