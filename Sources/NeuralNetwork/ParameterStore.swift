import Foundations
import Tensor

/// Names, shapes and places of a network's parameters in one flat buffer.
package struct ParameterLayout: Sendable, Equatable {
  /// How a parameter starts.
  package enum Initial: Sendable, Equatable {
    /// Normal with deviation √(2 / ((1 + slope²) · fanIn)) (He et al. 2015, as nnU-Net starts).
    case he(fanIn: Int)
    case constant(Float)
  }

  /// One named tensor in the flat buffer.
  package struct Entry: Sendable, Equatable {
    package let name: String
    /// Extents; convolutions `(kernel depth, kernel height, kernel width, input channels, output channels)`.
    package let shape: [Int]
    package let offset: Int
    package let initial: Initial

    package var count: Int { shape.reduce(1, *) }
  }

  package private(set) var entries: [Entry] = []
  /// Values in all.
  package private(set) var count = 0

  package init() {}

  /// Appends a tensor and returns its offset.
  package mutating func add(_ name: String, shape: [Int], initial: Initial) -> Int {
    let entry = Entry(name: name, shape: shape, offset: count, initial: initial)
    entries.append(entry)
    count += entry.count
    return entry.offset
  }

  /// Start values for a seed: the same on every machine.
  package func initialValues(seed: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for (index, entry) in entries.enumerated() {
      var stream = RandomStream(seed: seed, purpose: .initialisation, sample: index)
      for i in entry.offset..<entry.offset + entry.count {
        switch entry.initial {
        case .constant(let value): values[i] = value
        case .he(let fanIn):
          let deviation = (2 / ((1 + 1e-4) * Double(fanIn))).squareRoot()
          values[i] = Float(deviation * stream.normal())
        }
      }
    }
    return values
  }
}
