import Synchronization

/// The one parallel loop of the project: independent pieces of work, handed out by index.
///
/// Which worker runs which piece is left to the clock, so a piece must write only what belongs to
/// its index. Callers cut their work into pieces by shape alone, never by `threads`; then the same
/// input gives the same bits for any number of threads. Loops are not nested: a piece that wants
/// parallelism inside is cut finer instead.
package struct ParallelLoop: Sendable, Equatable {
  /// The number of workers, 1 or more.
  package let threads: Int

  package init(threads: Int) {
    precondition(threads >= 1, "a parallel loop needs at least one thread")
    self.threads = threads
  }

  /// One worker: the loop runs in order on the caller's thread.
  package static let serial = ParallelLoop(threads: 1)

  /// Runs `body(index, worker)` once for each index in `0..<count` and waits for all of them.
  ///
  /// `worker` is in `0..<threads`; no two pieces run on one worker at once, so it may pick scratch memory.
  package func forEach(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    if threads == 1 || count <= 1 {
      for index in 0..<count { body(index, 0) }
      return
    }
    let crew = WorkerCrew.take(threads: threads)
    crew.run(count, body)
    WorkerCrew.give(crew)
  }

  /// Numbers of a flat buffer that one piece of work takes where nothing else says so.
  package static let pieceLength = 16_384

  /// Runs `body` once for each piece of `0..<count`, all but the last of `pieceLength`: the same pieces for any number of threads.
  package func forEachPiece(of count: Int, _ body: (Range<Int>) -> Void) {
    let length = Self.pieceLength
    forEach((count + length - 1) / length) { index, _ in
      body(index * length..<min(count, (index + 1) * length))
    }
  }

  /// Maps `0..<count` to an array in index order; the first error by index is thrown after all have run.
  package func map<Value: Sendable>(_ count: Int, _ transform: (Int) throws -> Value) throws -> [Value] {
    let results = Mutex([Result<Value, any Error>?](repeating: nil, count: count))
    forEach(count) { index, _ in
      let result = Result { try transform(index) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { $0 }.map { try $0!.get() }
  }
}
