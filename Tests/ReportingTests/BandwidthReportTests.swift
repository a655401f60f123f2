import Reporting
import Testing

struct BandwidthReportTests {
  @Test func tableOfAWireThatCostsMore() {
    #expect(
      sampleBandwidth.text() == """
        site       down MB  up MB  total MB  scans on disk MB    saving  uncompressed MB  saving
        ────────────────────────────────────────────────────────────────────────────────────────
        Alpha         4.00   2.00      6.00              2.00  -200.0 %            12.00  50.0 %
        Bravo         4.00   2.40      6.40              2.00  -220.0 %             8.00  20.0 %
        ────────────────────────────────────────────────────────────────────────────────────────
        all sites     8.00   4.40     12.40              4.00  -210.0 %            20.00  38.0 %
        Bytes of all messages; 1 MB = 1,000,000 bytes. The wire carried 3.1× the bytes of the compressed \
        scans: for data this small, federation costs bandwidth.

        """)
  }

  @Test func sentenceOfAWireThatSaves() {
    let report = BandwidthReport(sites: [
      BandwidthRow(
        site: "A", down: 100_000, up: 25_000, scansCompressed: 1_000_000, scansUncompressed: 3_000_000)
    ])
    #expect(report.text().hasSuffix("The wire carried 12.5 % of the bytes of the compressed scans.\n"))
    #expect(!report.text().contains("costs bandwidth"))
    let unknown = BandwidthReport(sites: [
      BandwidthRow(site: "A", down: 1, up: 1, scansCompressed: 0, scansUncompressed: 0)
    ])
    #expect(unknown.text().hasSuffix("The scans' size is not known.\n"))
  }

  @Test func theTotalIsTheSum() {
    let total = sampleBandwidth.total
    #expect(total.down == 8_000_000 && total.up == 4_400_000)
    #expect(total.scansCompressed == 4_000_000 && total.scansUncompressed == 20_000_000)
  }
}
