import Foundations
import Synchronization
import Testing

struct ParallelLoopTests {
  @Test(arguments: [1, 2, 7]) func runsEachPieceOnce(threads: Int) {
    let counts = Mutex([Int](repeating: 0, count: 1000))
    ParallelLoop(threads: threads).forEach(1000) { index, worker in
      #expect(worker >= 0 && worker < threads)
      counts.withLock { $0[index] += 1 }
    }
    let once = counts.withLock { $0.allSatisfy { $0 == 1 } }
    #expect(once)
  }

  @Test(arguments: [0, 1, 16_384, 16_385, 40_000], [1, 3])
  func piecesCoverEachNumberOnce(count: Int, threads: Int) {
    let pieces = Mutex([Range<Int>]())
    ParallelLoop(threads: threads).forEachPiece(of: count) { piece in pieces.withLock { $0.append(piece) } }
    let sorted = pieces.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
    #expect(sorted.flatMap { Array($0) } == Array(0..<count))
    #expect(sorted.dropLast().allSatisfy { $0.count == ParallelLoop.pieceLength })
  }

  @Test func mapKeepsTheOrder() throws {
    let squares = try ParallelLoop(threads: 3).map(100) { $0 * $0 }
    #expect(squares == (0..<100).map { $0 * $0 })
  }

  @Test func mapThrowsTheFirstErrorByIndex() {
    #expect(throws: FileError.notFound(path: "17")) {
      _ = try ParallelLoop(threads: 3).map(100) { index in
        if index >= 17 { throw FileError.notFound(path: "\(index)") }
      }
    }
  }
}
