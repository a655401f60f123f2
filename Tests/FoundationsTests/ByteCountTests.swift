import Foundations
import Testing

struct ByteCountTests {
  @Test(
    arguments: [
      ("2GB", 2_000_000_000), ("2 gb", 2_000_000_000), ("1.5GiB", 1_610_612_736), ("800MiB", 838_860_800),
      ("0.25 MB", 250_000), ("1TiB", 1_099_511_627_776), (".5TB", 500_000_000_000),
    ]) func sizesAreRead(text: String, bytes: Int)
  {
    #expect(ByteCount.parse(text) == bytes)
  }

  @Test(
    arguments: [
      "", "2", "GB", "2G", "2XB", "-2GB", "+2GB", "1e3GB", "0GB", "0x2GB", "nanGB", "infGB", "1.2.3GB",
      "2GBs",
      "99999999999999999999TB", "٣GB", ".GB",
    ]) func otherTextIsNot(text: String)
  {
    #expect(ByteCount.parse(text) == nil)
  }

  @Test func sizesAreWritten() {
    #expect(ByteCount.text(1_234_567_890) == "1.23 GB")
    #expect(ByteCount.text(1_234_567_890, rounding: .up) == "1.24 GB")
    #expect(ByteCount.text(1_239_999_999, rounding: .down, spaced: false) == "1.23GB")
    #expect(ByteCount.text(12) == "0.00 MB")
    #expect(ByteCount.text(12, rounding: .up) == "0.01 MB")
    #expect(ByteCount.text(3_100_000_000_000) == "3.10 TB")
  }
}
