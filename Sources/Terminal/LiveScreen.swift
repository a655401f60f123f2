import Foundation
import Foundations
import Synchronization

/// Lines at a terminal's bottom that are written over in place, while other lines pass by above them.
///
/// A frame is one write. The cursor is never hidden, so that nothing has to be put right after Ctrl-C; it stands below the lines.
package final class LiveScreen: Sendable {
  /// Makes the lines of a frame; none is wider than `size.columns - 1` or they are cut there.
  package typealias Render = @Sendable (_ size: TerminalSize) -> [StyledLine]

  private struct State {
    var shown: [StyledLine] = []
    var isOver = false
  }

  /// Seconds between two frames.
  private static let interval = 0.1

  private let stream: StandardStream
  private let colours: TerminalCapabilities.Colours
  private let render: Render
  private let state = Mutex(State())
  private let clock = Mutex<Task<Void, Never>?>(nil)

  /// Shows what `render` makes, and again as often as it makes something else, ten times a second at most, until `finish`.
  package init(_ stream: StandardStream, colours: TerminalCapabilities.Colours, render: @escaping Render) {
    (self.stream, self.colours, self.render) = (stream, colours, render)
    StandardStream.around { [weak self] text in
      if let self { passBy(text) } else { text() }
    }
    draw()
    let ticking = Task.detached { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(Self.interval))
        self?.draw()
      }
    }
    clock.withLock { $0 = ticking }
  }

  private var size: TerminalSize { TerminalSize.now(of: stream) ?? .usual }

  private func draw() {
    let size = size
    // The last column stays free: some terminals go to the next line as soon as it is written.
    let lines = render(size).prefix(max(1, size.rows - 1)).map { $0.clipped(toColumns: size.columns - 1) }
    state.withLock { state in
      if state.isOver || lines == state.shown { return }
      let earlier = state.shown.map(\.columnWidth)
      state.shown = lines
      stream.writeAsIs(LiveFrame.text(lines.map { $0.text(colours) }, over: earlier, width: size.columns))
    }
  }

  /// Lets other text stand above the lines.
  private func passBy(_ text: () -> Void) {
    let width = size.columns
    state.withLock { state in
      if state.shown.isEmpty { return text() }
      let widths = state.shown.map(\.columnWidth)
      stream.writeAsIs(LiveFrame.begin + LiveFrame.erasure(of: widths, width: width))
      text()
      stream.writeAsIs(LiveFrame.text(state.shown.map { $0.text(colours) }, over: [], width: width))
    }
  }

  /// Takes the lines away; nothing is shown any longer.
  package func finish() {
    clock.withLock { $0?.cancel() }
    StandardStream.around(nil)
    let width = size.columns
    state.withLock { state in
      if state.isOver { return }
      state.isOver = true
      if state.shown.isEmpty { return }
      stream.writeAsIs(LiveFrame.erasure(of: state.shown.map(\.columnWidth), width: width))
      state.shown = []
    }
  }
}
