import Foundation
import Foundations
import SwiftProtobuf

/// Scalars as TensorBoard's event file: TFRecord frames of `Event` messages.
///
/// A frame is its length (8 bytes), the length's checksum (4), the message, its checksum (4), all little-endian. Equal
/// scalars give equal bytes: every event's wall time is 0, so TensorBoard shows them by step, not by time.
package enum TensorBoardEvents {
  /// Begins every file that TensorBoard reads.
  static let version = "brain.Event:2"

  /// A value of a curve.
  package struct Scalar: Sendable, Equatable {
    /// The curve's name; what stands before the first `/` groups curves.
    package let tag: String
    package let step: Int
    package let value: Double

    package init(tag: String, step: Int, value: Double) {
      (self.tag, self.step, self.value) = (tag, step, value)
    }
  }

  /// The whole file's bytes: a version, then an event for each scalar, in the order given.
  package static func encoded(_ scalars: [Scalar]) -> Data {
    var first = TensorBoardEvent()
    first.fileVersion = version
    return scalars.reduce(into: record(first)) { file, scalar in
      var event = TensorBoardEvent()
      event.step = Int64(scalar.step)
      var value = TensorBoardSummary.Value()
      value.tag = scalar.tag
      value.simpleValue = Float(scalar.value)
      event.summary.value = [value]
      file.append(record(event))
    }
  }

  private static func record(_ event: TensorBoardEvent) -> Data {
    let payload: Data
    do {
      payload = try event.serializedData()
    } catch {
      // Only messages with required fields can fail, and these have none.
      preconditionFailure("\(error)")
    }
    let length = littleEndian(UInt64(payload.count))
    return length + littleEndian(CRC32C.masked(length)) + payload + littleEndian(CRC32C.masked(payload))
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }
}
