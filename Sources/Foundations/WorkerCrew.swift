import CClosure
import Dispatch
import Foundation
import Synchronization

/// Threads that wait for one parallel loop after another: a training step has hundreds, so a loop must not
/// make threads, allocate, or sleep between two that follow each other closely.
///
/// `@unchecked Sendable`: `code`, `context` and `count` are written only while no piece is open, and published by the
/// store to `open`; a worker reads them only after it has drawn a piece from it.
final class WorkerCrew: @unchecked Sendable {
  typealias Body = (_ index: Int, _ worker: Int) -> Void

  let threads: Int
  /// The loop's body: it lives on the caller's stack, and no piece outlives the call.
  private var code: UnsafeRawPointer?
  private var context: UnsafeRawPointer?
  private var count = 0
  /// Pieces not yet drawn; zero or less when there are none.
  private let open = Atomic<Int>(0)
  private let done = Atomic<Int>(0)
  /// Workers that sleep or are about to.
  private let sleepers = Atomic<Int>(0)
  private let alarm = DispatchSemaphore(value: 0)

  /// How often a worker looks for work before it sleeps: some tens of microseconds.
  private static let patience = 4_000

  private init(threads: Int) {
    self.threads = threads
    for worker in 1..<threads {
      let thread = Thread { [self] in work(worker) }
      thread.name = "segfed worker \(worker)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  // MARK: Crews at rest

  /// A crew stays for the next loop; loops at the same time, on several threads, take one each.
  private static let idle = Mutex<[WorkerCrew]>([])

  static func take(threads: Int) -> WorkerCrew {
    let found = idle.withLock { crews -> WorkerCrew? in
      guard let index = crews.lastIndex(where: { $0.threads == threads }) else { return nil }
      return crews.remove(at: index)
    }
    return found ?? WorkerCrew(threads: threads)
  }

  static func give(_ crew: WorkerCrew) { idle.withLock { $0.append(crew) } }

  // MARK: A loop

  /// Runs the pieces, the caller as worker 0.
  func run(_ count: Int, _ body: Body) {
    (code, context) = closureParts(body)
    self.count = count
    done.store(0, ordering: .relaxed)
    open.store(count, ordering: .sequentiallyConsistent)
    wake(count - 1)
    draw(worker: 0)
    var looks = 0
    while done.load(ordering: .acquiring) < count {
      looks += 1
      // More threads than cores: the worker that holds the last piece may need this one.
      if looks > Self.patience { sched_yield() }
    }
  }

  /// Wakes as many sleepers as there is work for.
  private func wake(_ wanted: Int) {
    var left = min(wanted, threads - 1)
    while left > 0, takeSleeper() {
      alarm.signal()
      left -= 1
    }
  }

  /// Counts one sleeper out; false where there is none.
  private func takeSleeper() -> Bool {
    var seen = sleepers.load(ordering: .sequentiallyConsistent)
    while seen > 0 {
      let (exchanged, original) = sleepers.compareExchange(
        expected: seen, desired: seen - 1, ordering: .sequentiallyConsistent)
      if exchanged { return true }
      seen = original
    }
    return false
  }

  /// Runs pieces until none is left.
  private func draw(worker: Int) {
    while true {
      let left = open.subtract(1, ordering: .acquiringAndReleasing).oldValue
      if left <= 0 { return }
      segfed_closure_call(code, context, count - left, worker)
      done.add(1, ordering: .releasing)
    }
  }

  /// A worker's life: look for pieces, and sleep when none have come for a while.
  private func work(_ worker: Int) -> Never {
    while true {
      var looks = 0
      while open.load(ordering: .relaxed) <= 0 {
        looks += 1
        if looks > Self.patience {
          sleep()
          looks = 0
        }
      }
      draw(worker: worker)
    }
  }

  private func sleep() {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    // Work that came in between was published before the sleepers were counted: look once more.
    if open.load(ordering: .sequentiallyConsistent) > 0, takeSleeper() { return }
    alarm.wait()
  }
}

/// A closure's code and context, in place of the copy on the heap that `withoutActuallyEscaping` makes.
@_silgen_name("segfed_closure_parts")
private func closureParts(_ body: WorkerCrew.Body) -> (UnsafeRawPointer?, UnsafeRawPointer?)
