import Reporting
import Testing

struct NumberTextTests {
  @Test func fixedDecimals() {
    #expect(NumberText.dice(0.83456) == "0.8346")
    #expect(NumberText.dice(nil) == "–")
    #expect(NumberText.dice(.nan) == "–")
    #expect(NumberText.fixed(-0.00001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(-1.5, decimals: 1) == "-1.5")
    #expect(NumberText.megabytes(12_345_678) == "12.35")
  }

  @Test func savings() {
    #expect(NumberText.saving(wire: 25, scans: 100) == "75.0 %")
    #expect(NumberText.saving(wire: 310, scans: 100) == "-210.0 %")
    #expect(NumberText.saving(wire: 0, scans: 0) == "–")
  }
}
