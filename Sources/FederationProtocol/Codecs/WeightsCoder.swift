import Foundations

/// Whose message of which round is coded: what random numbers are drawn by, at both ends alike.
package struct CodecContext: Sendable, Equatable {
  package let seed: UInt64
  /// The sender; empty: the coordinator, to all sites.
  package let site: String
  package let round: Int
  package let part: Part

  /// Several sets of weights of one message.
  package enum Part: Int, Sendable {
    case weights
    /// SCAFFOLD's control variates.
    case control
  }

  package init(seed: UInt64, site: String = "", round: Int, part: Part = .weights) {
    self.seed = seed
    self.site = site
    self.round = round
    self.part = part
  }

  /// `step` keeps uses apart: 2 · part + 0 for what is drawn by the sender alone, + 1 for what both draw, where the site is left out
  /// so that all sites of a round draw the same.
  func stream(tensor: Int, isShared: Bool) -> RandomStream {
    RandomStream(
      seed: seed, purpose: .codec, site: isShared ? "" : site, round: round,
      step: 2 * part.rawValue + (isShared ? 1 : 0),
      sample: tensor)
  }
}

/// Weights as they come out at the other end.
package struct CodedWeights: Sendable, Equatable {
  package let values: [Float]
  /// Bytes that each tensor took.
  package let tensorBytes: [Int]
}

/// Codes a model's tensors by a chain, and decodes them: the same function for both.
package struct WeightsCoder: Sendable {
  package let chain: CodecChain
  package let ranges: [TensorRange]
  package let context: CodecContext

  package init(_ chain: CodecChain, ranges: [TensorRange], context: CodecContext) {
    self.chain = chain
    self.ranges = ranges
    self.context = context
  }

  /// The bytes of `values`, and what the other end makes of them. All values must be finite.
  package func encode(_ values: [Float]) -> (bytes: [UInt8], coded: CodedWeights) {
    if chain.isEntropyCoded {
      var port = EntropyWriter()
      guard let coded = pass(values, &port) else {
        preconditionFailure("a writer reads nothing that cannot be")
      }
      return (port.finish(), coded)
    }
    var port = PackedWriter()
    guard let coded = pass(values, &port) else {
      preconditionFailure("a writer reads nothing that cannot be")
    }
    return (port.bytes, coded)
  }

  /// The weights that bytes are; nil where they are cut off, too long or otherwise not what `encode` writes.
  package func decode(_ bytes: [UInt8]) -> CodedWeights? {
    let nothing = [Float](repeating: 0, count: ranges.reduce(0) { $0 + $1.count })
    if chain.isEntropyCoded {
      var port = EntropyReader(bytes)
      guard let coded = pass(nothing, &port), port.isAtEnd else { return nil }
      return coded
    }
    var port = PackedReader(bytes)
    guard let coded = pass(nothing, &port), port.isAtEnd, !port.isBeyondEnd else { return nil }
    return coded
  }

  private func pass<Port: SymbolPort>(_ values: [Float], _ port: inout Port) -> CodedWeights? {
    var result: [Float] = []
    result.reserveCapacity(values.count)
    var tensorBytes: [Int] = []
    for (index, range) in ranges.enumerated() {
      let before = port.byteCount
      let part = Array(values[result.count..<result.count + range.count])
      let transform = chain.isTransformed ? KernelTransform(shape: range.shape) : nil
      let sent = Port.isWriter ? transform?.forward(part) ?? part : part
      guard var passed = pass(sent, range.shape, tensor: index, transform: transform, &port) else {
        return nil
      }
      if let transform { passed = transform.inverse(passed) }
      result += passed
      tensorBytes.append(port.byteCount - before)
    }
    return CodedWeights(values: result, tensorBytes: tensorBytes)
  }

  /// One tensor. Numbers of a dense tensor have a scale for each channel, the last axis; chosen ones share one, since few are of a channel.
  /// Vectors (biases, normalisation) are sent whole and in fine steps: they are a hundredth of a network, and it hangs on them.
  private func pass<Port: SymbolPort>(
    _ values: [Float], _ shape: [Int], tensor: Int, transform: KernelTransform?, _ port: inout Port
  ) -> [Float]? {
    let isVector = shape.count < 2
    var numbers = NumberCoder(
      format: isVector ? chain.format.ofVectors : chain.format,
      stream: context.stream(tensor: tensor, isShared: false))
    let channels = isVector ? 1 : shape[shape.count - 1]
    switch isVector ? nil : chain.selection {
    case nil: break
    case .largest(let fraction):
      let number = Sparsity.number(fraction, of: values.count)
      if number == values.count { break }
      let chosen = Port.isWriter ? Sparsity.largest(number, of: values) : values.map { _ in false }
      guard let kept = Sparsity.pass(chosen, row: channels, &port) else { return nil }
      return pass(values, keeping: kept, &numbers, &port)
    case .random(let fraction):
      var stream = context.stream(tensor: tensor, isShared: true)
      let kept = Sparsity.random(Sparsity.number(fraction, of: values.count), of: values.count, &stream)
      return pass(values, keeping: kept, &numbers, &port)
    case .lowRank(let rank):
      guard let matrix = LowRank(shape: shape, rank: rank) else { break }
      var stream = context.stream(tensor: tensor, isShared: true)
      let nothing = (left: matrix.zeros(matrix.rows), right: matrix.zeros(matrix.columns))
      let (left, right) = Port.isWriter ? matrix.factors(values, &stream) : nothing
      return matrix.product(
        left: numbers.pass(left, groups: rank, group: { $0 / matrix.rows }, &port),
        right: numbers.pass(right, groups: rank, group: { $0 / matrix.columns }, &port))
    }
    let places = NumberPlaces(shape: shape, orders: transform?.orders)
    return numbers.pass(values, groups: channels, group: { $0 % channels }, places: places, &port)
  }

  private func pass<Port: SymbolPort>(
    _ values: [Float], keeping kept: [Bool], _ numbers: inout NumberCoder, _ port: inout Port
  ) -> [Float] {
    let chosen = values.indices.filter { kept[$0] }
    let passed = numbers.pass(chosen.map { values[$0] }, groups: 1, group: { _ in 0 }, &port)
    var result = [Float](repeating: 0, count: values.count)
    for (place, index) in chosen.enumerated() { result[index] = passed[place] }
    return result
  }
}
