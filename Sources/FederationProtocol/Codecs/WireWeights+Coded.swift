import Foundation
import Foundations

extension WireWeights {
  /// Weights coded by a chain. `base` is the digest of the model that they are a change of,
  /// `digest` that of the weights that they make.
  package init(
    coded bytes: [UInt8], by chain: CodecChain, base: Data = Data(), digest: Data
  ) {
    self.init()
    encoding = .coded
    data = Data(bytes)
    codec = chain.description
    self.base = base
    self.digest = digest
  }

  /// No numbers: the receiver has the model with this digest.
  package static func held(_ digest: Data) -> WireWeights {
    var wire = WireWeights()
    wire.encoding = .held
    wire.digest = digest
    return wire
  }

  /// SHA-256 of values as little-endian Float32.
  package static func digest(_ values: [Float]) -> Data { Data(Digest.sha256(FloatBytes.data(values))) }

  /// Numbers coded, with what comes out at the other end. They must be finite.
  package static func coding(_ values: [Float], _ coder: WeightsCoder) -> (
    wire: WireWeights, coded: CodedWeights
  ) {
    let (bytes, coded) = coder.encode(values)
    return (WireWeights(coded: bytes, by: coder.chain, digest: digest(coded.values)), coded)
  }

  /// The numbers that a message's own chain makes of its bytes, at a site.
  ///
  /// Throws `CodecError` for a chain that this release does not know, `ProtocolError.mismatch` for bytes that are not of it.
  package func numbers(_ ranges: [TensorRange], _ context: CodecContext, site: String) throws -> [Float] {
    let coder = WeightsCoder(try CodecChain(codec), ranges: ranges, context: context)
    return try decoded(coder, site: site).values
  }

  /// The numbers of an answer, if it is coded as it was asked for, decodes to what its sender has decoded, and no magnitude is above
  /// `limit`.
  ///
  /// Throws `ProtocolError.mismatch`.
  package func numbers(
    _ coder: WeightsCoder, site: String, limit: Float = .greatestFiniteMagnitude
  ) throws -> CodedWeights {
    func mismatch(_ field: ProtocolError.Field, _ found: String, _ wanted: String) -> ProtocolError {
      .mismatch(site: site, round: coder.context.round, field: field, found: found, expected: wanted)
    }
    guard encoding == .coded, codec == coder.chain.description else {
      let found = encoding == .coded ? "\"\(codec.prefix(80))\"" : "encoding \(encoding.rawValue)"
      throw mismatch(.codec, found, "\"\(coder.chain)\"")
    }
    let coded = try decoded(coder, site: site)
    guard let largest = coded.values.map(abs).max(), largest <= limit else {
      throw mismatch(.values, "a magnitude above \(limit) or none", "magnitudes up to \(limit)")
    }
    let made = Self.digest(coded.values)
    guard digest == made else {
      throw mismatch(.weightsDigest, Self.short(digest), "\(Self.short(made)), as they decode here")
    }
    return coded
  }

  private func decoded(_ coder: WeightsCoder, site: String) throws -> CodedWeights {
    if let coded = coder.decode(Array(data)), coded.values.allSatisfy(\.isFinite) { return coded }
    throw ProtocolError.mismatch(
      site: site, round: coder.context.round, field: .byteCount,
      found: "\(data.count) that \(coder.chain) does not decode", expected: "what it codes")
  }

  private static func short(_ digest: Data) -> String {
    digest.isEmpty ? "missing" : String(Digest.hex(Array(digest)).prefix(16)) + "…"
  }
}
