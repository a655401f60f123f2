import FederationProtocol
import Foundation
import Foundations
import TestSupport

/// Tensors as a network's, with numbers as updates have them: many small, few large.
enum CodecSamples {
  static let ranges = [
    TensorRange(name: "encoder.weight", shape: [3, 3, 3, 8, 16]),
    TensorRange(name: "norm.weight", shape: [16]),
    TensorRange(name: "up.weight", shape: [2, 2, 2, 8, 16]),
    TensorRange(name: "head.weight", shape: [1, 1, 1, 8, 4]),
    TensorRange(name: "head.bias", shape: [4]), TensorRange(name: "scale", shape: [1]),
  ]

  static var count: Int { ranges.reduce(0) { $0 + $1.count } }

  static func values(seed: UInt64, count: Int = count) -> [Float] {
    var stream = RandomStream(seed: seed, purpose: .test)
    return (0..<count).map { _ in
      let normal = stream.normal()
      return Float(0.001 * normal * normal * normal)
    }
  }

  static let chains = [
    "fp32", "fp16", "bf16", "int8", "int4", "sign", "fp32+entropy", "fp16+entropy", "delta+bf16+entropy",
    "int8+entropy", "int4+entropy", "sign+entropy", "topk", "topk+int4", "topk:fraction=0.05+int8+entropy",
    "topk+sign+entropy", "topk:fraction=1+fp16", "randk", "randk:fraction=0.2+fp16", "randk+int4+entropy",
    "lowrank", "lowrank:rank=2+fp16+entropy", "lowrank:rank=1+int8",
    "uniform", "uniform:step=1.5+entropy", "uniform:step=0.01+entropy",
    "topk:fraction=0.2+uniform:step=0.5+entropy",
    "dct", "dct+uniform:step=1.5+entropy", "dct+topk:fraction=0.05+int4+entropy", "dct+lowrank:rank=2+int8",
  ]

  static func coder(_ chain: String, site: String = "A", round: Int = 3) throws -> WeightsCoder {
    WeightsCoder(
      try CodecChain(chain), ranges: ranges, context: CodecContext(seed: 7, site: site, round: round))
  }

  /// What `Tests/Python/codec_reference.py` makes of a tensor.
  static func reference(_ arguments: [String], _ values: [Float], shape: [Int]) throws -> [Float] {
    let shape = shape.map(String.init).joined(separator: ",")
    return FloatBytes.floats(
      try PythonReference.run(
        script: "codec_reference.py", arguments: arguments + [shape], input: FloatBytes.data(values)))
  }
}
