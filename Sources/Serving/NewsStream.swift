import FlyingSocks
import Foundation

/// Server-sent events (WHATWG HTML, "Server-sent events"): the page's version at once, and whenever it is another.
struct NewsStream: AsyncBufferedSequence {
  typealias Element = UInt8

  let content: @Sendable () async -> PageServer.Content

  func makeAsyncIterator() -> Iterator { Iterator(content: content) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    /// Between two looks.
    private static let pause = Duration.seconds(1)
    /// Looks after which a comment is sent: a reader that has gone is found out by it.
    private static let patience = 15

    let content: @Sendable () async -> PageServer.Content
    private var told: News?

    init(content: @escaping @Sendable () async -> PageServer.Content) { self.content = content }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      if told != nil { try await Task.sleep(for: Self.pause) }
      for _ in 0..<Self.patience {
        let news = News(await content())
        if news != told {
          told = news
          return Array(news.event.utf8)
        }
        try await Task.sleep(for: Self.pause)
      }
      return Array(": still here\n\n".utf8)
    }

    mutating func next() async throws -> UInt8? {
      preconditionFailure("events are sent whole")
    }
  }
}

/// What a reader is told of the page.
private struct News: Equatable, Encodable {
  let version: String
  let problem: String?

  init(_ content: PageServer.Content) { (version, problem) = (content.version, content.problem) }

  /// One line of JSON: no text in it can end the event.
  var event: String {
    let data = (try? JSONEncoder().encode(self)) ?? Data("{}".utf8)
    return "event: page\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
  }
}
