import Coordinator
import FederationProtocol
import Foundations
import Synchronization
import Terminal
import Training

/// A run on a terminal, kept up to date while it goes on.
final class LiveRunScreen: Sendable {
  private let screen: LiveScreen

  /// What is drawn, shared with the clock that draws it.
  private final class Board: Sendable {
    let run: Mutex<LiveRun>
    let meter: TrafficMeter?

    init(_ run: LiveRun, meter: TrafficMeter?) {
      self.run = Mutex(run)
      self.meter = meter
    }

    func lines(_ size: TerminalSize) -> [StyledLine] {
      let bytes = meter?.snapshot().reduce(0) { $0 + $1.total }
      return run.withLock { run in
        run.bytes = bytes
        return run.lines(size, now: ProgressLine.now)
      }
    }
  }

  private let board: Board

  /// `meter` counts what travels; nil: nothing does.
  init(_ run: LiveRun, meter: TrafficMeter?, colours: TerminalCapabilities.Colours) {
    let board = Board(run, meter: meter)
    self.board = board
    screen = LiveScreen(.error, colours: colours) { board.lines($0) }
  }

  func take(_ event: FederationEvent) { board.run.withLock { $0.take(event, now: ProgressLine.now) } }

  func take(_ step: StepProgress) { board.run.withLock { $0.take(step) } }

  func finish() { screen.finish() }
}
