import FederationProtocol
import Foundation
import Testing

private let ranges = [TensorRange(name: "a", shape: [2, 2]), TensorRange(name: "b", shape: [1])]
private let values: [Float] = [1, -0.0, .leastNonzeroMagnitude, 3.4e38, 0.1]

struct WireWeightsValuesTests {
  @Test func bitsSurviveTheWire() throws {
    let bytes: Data = try WireWeights(ranges: ranges, values: values).serializedBytes()
    let read = try WireWeights(serializedBytes: bytes).values(expecting: ranges, site: "A", round: 1)
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test func valuesAreLittleEndian() {
    let wire = WireWeights(ranges: [TensorRange(name: "x", shape: [])], values: [1])
    #expect(Array(wire.data) == [0, 0, 0x80, 0x3F])
  }

  @Test(arguments: [
    (ProtocolError.Field.encoding, 0), (.tensorNames, 0), (.tensorNames, 1), (.tensorShape, 0),
    (.byteCount, 0), (.values, 0), (.values, 1),
  ])
  func refusesEachFieldThatDoesNotFit(field: ProtocolError.Field, variant: Int) throws {
    var values = values
    if field == .values { values[4] = variant == 0 ? .nan : -.infinity }
    var wire = WireWeights(ranges: ranges, values: values)
    switch field {
    case .encoding: wire.encoding = .unspecified
    case .tensorNames where variant == 0: wire.ranges.swapAt(0, 1)
    case .tensorNames: wire.ranges.removeLast()
    case .tensorShape: wire.ranges[0].shape = [4]
    case .byteCount: wire.data.removeLast()
    default: break
    }
    let error = #expect(throws: ProtocolError.self) {
      try wire.values(expecting: ranges, site: "Alpha", round: 2)
    }
    guard case .mismatch("Alpha", 2, field, let found, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    if field == .values { #expect(found == "not finite in b") }
  }
}
