/// Colours, symbols and dashes of series: told apart by people who see few colours, in print without any, on light and on dark.
///
/// The light set is Okabe and Ito's (Color universal design, 2008), its yellow and sky blue made dark enough for lines on white: each has
/// a contrast of 3 or more to the background (WCAG 2.2, 1.4.11).
package enum Palette {
  /// How many series look unlike each other; the last is the ink's colour.
  package static let count = 8

  private static let light = [
    "#0072b2", "#c04a00", "#00785a", "#a83d7f", "#6b5b00", "#4b3fa6", "#8a3d1f", "#1b1d21",
  ]
  private static let dark = [
    "#56b4e9", "#ff9e4a", "#4fd1a5", "#f0a3d0", "#e8dc5a", "#b3a8ff", "#e0a184", "#e8eaee",
  ]
  static let dashes = ["none", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "5 5", "none"]

  /// Custom properties of CSS for one of the two.
  private static func declared(_ colours: [String], _ rest: String) -> String {
    colours.enumerated().map { "--s\($0.offset):\($0.element);" }.joined() + rest
  }

  static let lightProperties = declared(
    light,
    "--ink:#1b1d21;--soft:#5a606b;--line:#d4d7dd;--paper:#ffffff;--heat:#0072b2;--mark:#b3261e;"
  )
  static let darkProperties = declared(
    dark,
    "--ink:#e8eaee;--soft:#a6adba;--line:#3a3f4a;--paper:#15171c;--heat:#1f6fa8;--mark:#ff8a80;"
  )

  /// The rules of a page or a drawing that stands alone: custom properties, dark where the reader's system is and not in print.
  package static let properties =
    ":root{\(lightProperties)}@media screen and (prefers-color-scheme:dark){:root{\(darkProperties)}}"

  /// Rules of charts, which use the properties.
  package static let chartRules: String = {
    let series = (0..<count).map {
      ".chart .s\($0){color:var(--s\($0))}.chart .d\($0){stroke-dasharray:\(dashes[$0])}"
    }
    return """
      .chart{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;\
      font-size:\(Int(TextWidth.size))px}
      .chart text{fill:var(--ink);unicode-bidi:plaintext}.chart .soft{fill:var(--soft)}.chart .end{text-anchor:end}\
      .chart .mid{text-anchor:middle}
      .chart .grid{stroke:var(--line);stroke-width:1}.chart .axis{stroke:var(--soft);stroke-width:1}\
      .chart .rule{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
      .chart .faint{color:var(--soft);opacity:.35}.chart .path{fill:none;stroke:currentColor;stroke-width:2;\
      stroke-linejoin:round}.chart .faint.path{stroke-width:1}
      .chart .dot{fill:currentColor;stroke:var(--paper);stroke-width:1}.chart .open{fill:var(--paper);stroke:currentColor;\
      stroke-width:1.5}.chart .small{fill-opacity:.55;stroke:none}
      .chart .span{fill:none;stroke:currentColor;stroke-width:2}.chart .block{fill:currentColor}
      .chart .cell{fill:var(--heat)}.chart .none{fill:none;stroke:var(--line)}\
      .chart .own{fill:none;stroke:var(--ink);stroke-width:2}
      .chart .mark:hover{opacity:.75}
      \(series.joined())
      """
  }()
}
