import Metrics
import Testing

@Suite struct MetricSummaryTests {
  @Test func valuesBecomeMeanMedianAndDeviation() {
    let summary = MetricSummary([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(summary.cases == 8 && summary.undefined == 0 && summary.infinite == 0)
    #expect(summary.mean == 5 && summary.median == 4.5)
    // NumPy: std(ddof=1).
    #expect(abs(summary.deviation! - 2.138089935299395) < 1e-12)
  }

  @Test func whatIsNoNumberIsCountedApart() {
    let summary = MetricSummary([.nan, 3, .infinity, 1])
    #expect(summary.cases == 3 && summary.undefined == 1 && summary.infinite == 1)
    #expect(summary.mean == nil && summary.deviation == nil && summary.median == 3)
    #expect(MetricSummary([1, .infinity]).median == nil)
    let none = MetricSummary([.nan])
    #expect(none.cases == 0 && none.mean == nil && none.median == nil && none.deviation == nil)
    #expect(MetricSummary([0.5]).deviation == nil)
  }
}
