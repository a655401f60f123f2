import FederationProtocol
import Foundation
import Foundations
import TestSupport
import Testing

@Suite struct WeightsCoderTests {
  @Test(arguments: CodecSamples.chains) func bothEndsHaveTheSameBits(chain: String) throws {
    for values in [
      CodecSamples.values(seed: 1), [Float](repeating: 0, count: CodecSamples.count),
      CodecSamples.values(seed: 2).map { $0 * 1e9 }, CodecSamples.values(seed: 3).map { $0 * 1e-36 },
    ] {
      let (bytes, coded) = try CodecSamples.coder(chain).encode(values)
      let decoded = try #require(try CodecSamples.coder(chain).decode(bytes))
      #expect(FloatBytes.data(decoded.values) == FloatBytes.data(coded.values))
      #expect(coded.tensorBytes.count == CodecSamples.ranges.count)
      #expect(abs(coded.tensorBytes.reduce(0, +) - bytes.count) <= 5)
      #expect(coded.values.allSatisfy { $0.isFinite })
    }
  }

  @Test func withoutACodecNothingIsLost() throws {
    let values = CodecSamples.values(seed: 1)
    for chain in ["fp32", "fp32+entropy", "topk:fraction=1"] {
      #expect(try CodecSamples.coder(chain).encode(values).coded.values == values)
    }
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [
      ["fp16"], ["bf16"], ["topk", "0.01"], ["topk", "0.3"],
    ]) func numbersAreNumPys(stage: [String]) throws
  {
    let values = CodecSamples.values(seed: 5).enumerated().map {
      $0.offset % 97 == 0 ? 3e5 * $0.element : $0.element
    }
    let chain = stage[0] + (stage.count > 1 ? ":fraction=\(stage[1])" : "")
    let found = try CodecSamples.coder(chain).encode(values).coded.values
    var offset = 0
    for range in CodecSamples.ranges {
      let part = offset..<offset + range.count
      // Vectors are not picked from.
      let isWhole = stage[0] == "topk" && range.shape.count < 2
      let expected =
        isWhole
        ? Array(values[part])
        : try CodecSamples.reference(stage, Array(values[part]), shape: range.shape)
      #expect(Array(found[part]) == expected, "\(range.name)")
      offset += range.count
    }
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage)) func signsAndScalesAreNumPys()
    throws
  {
    let values = CodecSamples.values(seed: 6)
    let found = try CodecSamples.coder("sign").encode(values).coded.values
    let range = CodecSamples.ranges[0]
    let expected = try CodecSamples.reference(["sign"], Array(values[..<range.count]), shape: range.shape)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) <= 1e-6 * abs(expected)) }
  }

  /// Levels are rounded by less than one, and right in the mean.
  @Test(arguments: ["int8", "int4"]) func roundingIsUnbiased(format: String) throws {
    let values = CodecSamples.values(seed: 8)
    let levels: Float = format == "int8" ? 127 : 7
    let range = CodecSamples.ranges[0]
    var largest = [Float](repeating: 0, count: 16)
    for index in 0..<range.count { largest[index % 16] = max(largest[index % 16], abs(values[index])) }
    var sums = [Double](repeating: 0, count: range.count)
    let rounds = 400
    var farthest: Float = 0
    for round in 1...rounds {
      let found = try CodecSamples.coder(format, round: round).encode(values).coded.values
      for index in 0..<range.count {
        farthest = max(farthest, abs(found[index] - values[index]) / (largest[index % 16] / levels))
        sums[index] += Double(found[index])
      }
    }
    #expect(farthest <= 1.0001)
    // A level's variance is at most a quarter of its square: five deviations of the mean.
    for index in 0..<range.count {
      let bound = 5 * 0.5 * Double(largest[index % 16] / levels) / Double(rounds).squareRoot()
      #expect(abs(sums[index] / Double(rounds) - Double(values[index])) <= bound)
    }
  }

  /// Each number comes out as the nearest multiple of the step, single steps as their mean, and near its entropy in bits.
  @Test func stepsAreTheNearest() throws {
    let ranges = [TensorRange(name: "w", shape: [3, 3, 3, 64, 64])]
    var stream = RandomStream(seed: 21, purpose: .test)
    let values = (0..<ranges[0].count).map { _ in Float(stream.normal()) }
    let size = (values.reduce(0.0) { $0 + Double($1 * $1) } / Double(values.count)).squareRoot()
    for step in [0.5, 1.5, 3] {
      let coder = WeightsCoder(
        try CodecChain("uniform:step=\(step)+entropy"), ranges: ranges,
        context: CodecContext(seed: 1, round: 1))
      let (bytes, coded) = coder.encode(values)
      var counts: [Float: Double] = [:]
      let levels = values.map { ($0 / Float(step * size)).rounded(.toNearestOrAwayFromZero) }
      let single = zip(values, levels).filter { abs($0.1) == 1 }.map { Double(abs($0.0)) }
      let mean = Float(single.reduce(0, +) / Double(single.count))
      for (level, found) in zip(levels, coded.values) {
        let expected = abs(level) == 1 ? level * mean : level * Float(step * size)
        #expect(abs(found - expected) <= 1e-4 * abs(expected))
        counts[level, default: 0] += 1
      }
      let entropy = counts.values.reduce(0.0) {
        $0 - $1 / Double(values.count) * log2($1 / Double(values.count))
      }
      #expect(Double(8 * bytes.count) / Double(values.count) < entropy * 1.01, "\(step)")
    }
  }

  @Test func drawnPlacesAreTheSameAtEverySiteAndOthersInEachRound() throws {
    let values = [Float](repeating: 1, count: CodecSamples.count)
    func kept(_ site: String, _ round: Int) throws -> [Bool] {
      try CodecSamples.coder("randk:fraction=0.2", site: site, round: round).encode(values).coded.values.map {
        $0 != 0
      }
    }
    #expect(try kept("A", 1) == kept("B", 1))
    #expect(try kept("A", 1) != kept("A", 2))
    #expect(try kept("A", 1)[..<3456].count { $0 } == 692)
    var times = [Int](repeating: 0, count: 3456)
    for round in 1...200 {
      for (index, isKept) in try kept("A", round)[..<3456].enumerated() where isKept { times[index] += 1 }
    }
    // Each is kept in about 40 of 200 rounds.
    #expect(times.allSatisfy { 10...75 ~= $0 })
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func lowRankIsNearTheBestThereIs() throws {
    let range = CodecSamples.ranges[0]
    var stream = RandomStream(seed: 3, purpose: .test)
    let (left, right) = (
      (0..<16 * 3).map { _ in stream.normal() }, (0..<216 * 3).map { _ in stream.normal() }
    )
    func matrix(noise: Double) -> [Float] {
      (0..<range.count).map { index in
        let exact = (0..<3).reduce(0.0) { $0 + left[index % 16 * 3 + $1] * right[index / 16 * 3 + $1] }
        return Float(exact + noise * stream.normal())
      }
    }
    func distance(_ first: [Float], _ second: [Float]) -> Double {
      zip(first, second).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
    }
    let rest = [Float](repeating: 0, count: CodecSamples.count - range.count)
    for (noise, excess) in [(0.0, 1e-3), (0.3, 1.02)] {
      let values = matrix(noise: noise)
      let found = try CodecSamples.coder("lowrank:rank=3").encode(values + rest).coded.values
      let best = try CodecSamples.reference(["lowrank", "3"], values, shape: range.shape)
      let error = distance(Array(found[..<range.count]), values)
      #expect(noise == 0 ? error < excess : error <= excess * distance(best, values), "\(error)")
    }
  }

  /// Kernels that SciPy makes of as few waves as are sent come out whole; of a kernel's own taps as many would not do.
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [[3, 3, 3, 8, 16], [2, 2, 2, 8, 16], [1, 3, 3, 8, 16], [3, 3, 8, 16], [5, 1, 4, 8, 16]])
  func wavesAreSciPys(shape: [Int]) throws {
    let range = TensorRange(name: "w", shape: shape)
    var stream = RandomStream(seed: 23, purpose: .test)
    var waves = [Float](repeating: 0, count: range.count)
    for _ in 0..<range.count / 20 { waves[stream.integer(below: range.count)] = Float(1 + stream.normal()) }
    let kernels = try CodecSamples.reference(["idct"], waves, shape: shape)
    func error(_ chain: String) throws -> Float {
      let coder = WeightsCoder(
        try CodecChain(chain), ranges: [range], context: CodecContext(seed: 1, round: 1))
      return zip(coder.encode(kernels).coded.values, kernels).map { abs($0 - $1) }.max() ?? .nan
    }
    #expect(try error("dct+topk:fraction=0.05") < 1e-5)
    #expect(try error("dct") < 1e-5)
    #expect(try error("topk:fraction=0.05") > 0.1)
  }

  /// Entropy coding is never beaten by libzstd's highest level on the same numbers.
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [
      "int8", "int4", "sign", "fp16", "topk+int4", "topk:fraction=0.05+int8", "topk+sign",
    ]) func entropyCodingBeatsZstd(chain: String) throws
  {
    let ranges = [TensorRange(name: "w", shape: [3, 3, 3, 64, 64])]
    let values = CodecSamples.values(seed: 11, count: ranges[0].count)
    func size(_ chain: String) throws -> [UInt8] {
      WeightsCoder(try CodecChain(chain), ranges: ranges, context: CodecContext(seed: 1, round: 1)).encode(
        values
      ).bytes
    }
    let packed = try size(chain)
    let coded = try size(chain + "+entropy")
    let output = try PythonReference.run(
      script: "codec_reference.py", arguments: ["zstd"], input: Data(packed))
    let peer = try #require(
      Int(String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(coded.count <= peer, "\(chain): packed \(packed.count), coded \(coded.count), zstd \(peer)")
  }

  /// One place in a hundred and its sign is worth .0908 bits an element: no more than a twentieth above that.
  @Test func placesTakeWhatTheirEntropyIs() throws {
    let ranges = [TensorRange(name: "w", shape: [3, 3, 3, 64, 64])]
    let values = CodecSamples.values(seed: 12, count: ranges[0].count)
    let coder = WeightsCoder(
      try CodecChain("topk:fraction=0.01+sign+entropy"), ranges: ranges,
      context: CodecContext(seed: 1, round: 1))
    let bits = Double(8 * coder.encode(values).bytes.count) / Double(values.count)
    #expect(bits < 0.0908 * 1.05, "\(bits)")
  }

  @Test(arguments: CodecSamples.chains) func damagedBytesAreNoFault(chain: String) throws {
    let coder = try CodecSamples.coder(chain)
    let bytes = coder.encode(CodecSamples.values(seed: 4)).bytes
    var stream = RandomStream(seed: 5, purpose: .test)
    for _ in 0..<60 {
      var damaged = bytes
      switch stream.integer(below: 3) {
      case 0: damaged.removeLast(1 + stream.integer(below: bytes.count))
      case 1:
        for _ in 0..<4 { damaged[stream.integer(below: damaged.count)] = UInt8(stream.integer(below: 256)) }
      default: damaged = (0..<stream.integer(below: 4000) + 1).map { _ in UInt8(stream.integer(below: 256)) }
      }
      if let decoded = coder.decode(damaged) { #expect(decoded.values.count == CodecSamples.count) }
    }
    #expect(coder.decode(bytes + [1]) == nil)
    if !chain.hasSuffix("entropy") { #expect(coder.decode(Array(bytes.dropLast())) == nil) }
  }

  /// The bytes and what comes of them are the same on every machine: `.ci/emulated` runs this on a CPU without AVX-512.
  @Test func bytesAreTheSameOnEveryMachine() throws {
    var all: [UInt8] = []
    for chain in CodecSamples.chains {
      let (bytes, coded) = try CodecSamples.coder(chain).encode(CodecSamples.values(seed: 9))
      let decoded = try #require(try CodecSamples.coder(chain).decode(bytes))
      #expect(decoded == coded)
      all += Digest.sha256(Data(bytes)) + Digest.sha256(FloatBytes.data(decoded.values))
    }
    #expect(Digest.sha256Hex(Data(all)) == "590fcf2143bcbc1e95668f3e33d03212516f5cfe748ad5a691d32e8c5cd07b08")
  }
}
