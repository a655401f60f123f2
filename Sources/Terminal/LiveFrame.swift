/// What is sent to a terminal to write lines over those that it shows. The cursor always stands below them, at the left.
package enum LiveFrame {
  /// Synchronized output (contour-terminal.org/vt-extensions/synchronized-output): what lies between is shown at once. Terminals
  /// that do not know the mode pass over it.
  static let begin = "\u{1B}[?2026h"
  static let end = "\u{1B}[?2026l"

  /// `earlier` are the columns of each line that stands there.
  package static func text(_ lines: [String], over earlier: [Int], width: Int) -> String {
    begin + up(earlier, width: width) + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J" + end
  }

  /// Takes them away; the cursor stands where the first one began.
  package static func erasure(of earlier: [Int], width: Int) -> String {
    up(earlier, width: width) + "\u{1B}[J"
  }

  /// A terminal that was made narrower has broken its lines anew.
  private static func up(_ earlier: [Int], width: Int) -> String {
    let rows = earlier.reduce(0) { $0 + max(1, ($1 + width - 1) / max(1, width)) }
    return rows > 0 ? "\r\u{1B}[\(rows)A" : "\r"
  }
}
