import Foundation
import Foundations
import Interchange
import TestSupport
import Testing

/// Scalars for tests; `interchange_golden.py` writes the same.
private let scalars = [
  TensorBoardEvents.Scalar(tag: "loss/birch", step: 1, value: 0.75),
  TensorBoardEvents.Scalar(tag: "loss/birch", step: 2, value: -0.5),
  TensorBoardEvents.Scalar(tag: "validation_dice/ET/hazel ü", step: 300, value: 0),
  TensorBoardEvents.Scalar(tag: "learning_rate/hazel", step: 0, value: 1e-30),
]

struct TensorBoardEventsTests {
  private static let vectors: [(bytes: [UInt8], sum: UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E), (Array("123456789".utf8), 0xE306_9283),
  ]

  /// RFC 3720, B.4.
  @Test func checksumsAreThoseOfTheRFC() {
    for vector in Self.vectors { #expect(CRC32C.checksum(vector.bytes) == vector.sum) }
  }

  /// TensorBoard's own writer gives the same bytes.
  @Test func equalsTensorBoardsOwnFile() throws {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/events.out.tfevents.golden")
    #expect(try TensorBoardEvents.encoded(scalars) == Data(contentsOf: golden))
  }

  /// A reader of its own, from the formats' descriptions: frames, checksums, protobuf fields.
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage)) func anotherReaderAgrees() throws
  {
    let folder = try TemporaryFolder()
    let file = try folder.write(TensorBoardEvents.encoded(scalars), "events")
    let text = try PythonReference.run(script: "tfevents_reference.py", arguments: [file])
    let found = try #require(try JSONSerialization.jsonObject(with: text) as? [[String: Any]])
    #expect(found.count == scalars.count)
    for (event, scalar) in zip(found, scalars) {
      #expect(event["tag"] as? String == scalar.tag)
      #expect(event["step"] as? Int == scalar.step)
      #expect(event["wall_time"] as? Double == 0)
      // Foundation reads the last digit of small numbers otherwise than they were written.
      #expect((event["value"] as? Double).map { Float($0) } == Float(scalar.value))
    }
  }
}
