/// Asks several sites, as many at once as may be; what comes of it stands in the order of the sites.
enum Gathering {
  /// The same where `body` fails for one site alone: each site's answer, or why there is none.
  static func answers<Value: Sendable>(
    _ links: [SiteLink], atOnce: Int, mayGoOn: () throws -> Void,
    _ body: @escaping @Sendable (_ index: Int, SiteLink) async throws -> Value
  ) async throws -> [Result<Value, any Error>] {
    try await each(links, atOnce: atOnce, mayGoOn: mayGoOn) { index, link in
      do { return .success(try await body(index, link)) } catch { return .failure(error) }
    }
  }

  /// `body` is called for each of `links`, `whenDone` as they come back, in whatever order they do.
  ///
  /// `mayGoOn` is asked before each: where it throws, no further site is asked, and it is thrown once those that are at work
  /// have come back. Throws what `body` throws, likewise.
  static func each<Value: Sendable>(
    _ links: [SiteLink], atOnce: Int, mayGoOn: () throws -> Void, whenDone: (Value) -> Void = { _ in },
    _ body: @escaping @Sendable (_ index: Int, SiteLink) async throws -> Value
  ) async throws -> [Value] {
    var results = [Value?](repeating: nil, count: links.count)
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      var next = 0
      for _ in links.indices {
        let back = results.count { $0 != nil }
        if next - back >= max(1, atOnce), let (index, value) = try await group.next() {
          results[index] = value
          whenDone(value)
        }
        try mayGoOn()
        let index = next
        group.addTask { (index, try await body(index, links[index])) }
        next += 1
      }
      while let (index, value) = try await group.next() {
        results[index] = value
        whenDone(value)
      }
    }
    return results.map { result in
      guard let result else { preconditionFailure("every site was asked") }
      return result
    }
  }
}
