import Reporting
import Testing

struct RoundLinesTests {
  @Test func linesStandInColumns() {
    let lines = RoundLines(sites: ["Alpha", "Charlie"], regions: ["WT", "enhancing"], rounds: 12)
    let text = [
      lines.header,
      lines.line(
        RoundRow(
          round: 1, site: "Alpha", steps: 20, loss: 1.23456, validationDice: [0.5, 0.25], seconds: 3.04)),
      lines.line(
        RoundRow(
          round: 12, site: "Charlie", steps: 20, loss: 0.5, validationDice: [nil, 1], seconds: 123.4)),
    ]
    #expect(
      text.joined(separator: "\n") == """
        round  site     steps      loss  val WT  val enhancing  seconds
            1  Alpha       20    1.2346  0.5000         0.2500      3.0
           12  Charlie     20    0.5000       –         1.0000    123.4
        """)
  }
}
