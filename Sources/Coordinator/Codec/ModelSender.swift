import FederationProtocol

/// Codes the models of a run, one after the other.
struct ModelSender: Sendable {
  let chain: CodecChain
  /// What random numbers are drawn by.
  let seed: UInt64

  /// What sites make of the model that a run begins with.
  func initial(_ model: ModelState) -> ModelState {
    chain.isLossy && !chain.isDelta ? coded(model.values, model.ranges, round: 0).state : model
  }

  /// A model that came of `initial` or `next`: sites that have it already are told so.
  func sent(_ model: ModelState, round: Int) -> SentModel {
    if chain.isPlain { return SentModel(plain: model) }
    return SentModel(model, digest: WireWeights.digest(model.values)) {
      self.coded(model.values, model.ranges, round: round).message
    }
  }

  /// The model that is to follow on `last`, as the sites will have it: `feedback` is what coding has lost so far, and has what it
  /// loses here when done.
  func next(
    _ wanted: ModelState, after last: ModelState, feedback: inout [Float], round: Int
  ) -> SentModel {
    if !chain.isLossy && !chain.isDelta { return sent(wanted, round: round) }
    let start = chain.isDelta ? last.values : nil
    var values = wanted.values
    for index in values.indices {
      if let start { values[index] -= start[index] }
      if !feedback.isEmpty { values[index] += feedback[index] }
    }
    guard let start else {
      let (state, message) = coded(values, wanted.ranges, round: round)
      feedback = zip(values, state.values).map { $0 - $1 }
      return SentModel(state, digest: WireWeights.digest(state.values)) { message }
    }
    let (bytes, coded) = coder(chain, wanted.ranges, round).encode(values)
    if chain.isLossy { feedback = zip(values, coded.values).map { $0 - $1 } }
    let state = ModelState(ranges: wanted.ranges, values: zip(start, coded.values).map { $0 + $1 })
    let (base, digest) = (WireWeights.digest(start), WireWeights.digest(state.values))
    let message = SentModel.Message(
      wire: WireWeights(coded: bytes, by: chain, base: base, digest: digest), tensorBytes: coded.tensorBytes)
    return SentModel(state, digest: digest, change: (base, message)) {
      self.coded(state.values, state.ranges, round: round).message
    }
  }

  /// A model as a whole. A chain of changes begins with one without loss; the others give the same again for what they have given.
  private func coded(
    _ values: [Float], _ ranges: [TensorRange], round: Int
  ) -> (state: ModelState, message: SentModel.Message) {
    let chain = CodecChain(
      isDelta: false, selection: nil, format: chain.isDelta ? .float32 : chain.format,
      isEntropyCoded: chain.isEntropyCoded)
    let (bytes, coded) = coder(chain, ranges, round).encode(values)
    let wire = WireWeights(coded: bytes, by: chain, digest: WireWeights.digest(coded.values))
    return (
      ModelState(ranges: ranges, values: coded.values),
      SentModel.Message(wire: wire, tensorBytes: coded.tensorBytes)
    )
  }

  private func coder(_ chain: CodecChain, _ ranges: [TensorRange], _ round: Int) -> WeightsCoder {
    WeightsCoder(chain, ranges: ranges, context: CodecContext(seed: seed, round: round))
  }
}
