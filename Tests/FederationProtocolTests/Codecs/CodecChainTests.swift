import FederationProtocol
import Testing

@Suite struct CodecChainTests {
  @Test(arguments: CodecSamples.chains) func isReadAsItIsWritten(text: String) throws {
    let chain = try CodecChain(text)
    #expect(try CodecChain(chain.description) == chain)
  }

  @Test(arguments: [
    ("delta+topk+int4+entropy", "delta+topk:fraction=0.01+int4+entropy"), ("delta", "delta"),
    ("entropy", "fp32+entropy"), ("lowrank", "lowrank:rank=4"), ("delta+fp32", "delta"),
  ]) func defaultsAreFilledIn(text: String, expected: String) throws {
    #expect(try CodecChain(text).description == expected)
  }

  @Test(arguments: [
    ("int3", "Codec int3 is not known, expected one of delta, dct, topk,"),
    ("topk:k=3", "has no parameter k"),
    ("topk:fraction=0", "fraction is 0, expected a number from 0.0001 to 1"),
    ("lowrank:rank=1.5", "rank is 1.5, expected a whole number"),
    ("int4+topk", "found int4 before topk, expected it behind"),
    ("int4+int8", "found int4 and int8, expected one of the two"),
    ("topk+dct", "found topk before dct, expected it behind"),
    ("topk+lowrank", "found topk and lowrank, expected one of the two"),
    ("uniform:step=0", "step is 0, expected a number from 0.01 to 100"),
    ("entropy+int8", "found entropy before int8"), ("", "Codec without a name"),
    ("delta+", "Codec without a name"),
  ]) func chainsThatMakeNoSense(text: String, expected: String) {
    let error = #expect(throws: CodecError.self) { try CodecChain(text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func theModelItselfIsNotLeftOut() throws {
    for text in ["topk", "randk+fp16", "lowrank", "sign+entropy"] {
      let chain = try CodecChain(text)
      #expect(throws: CodecError.needsDelta(chain: chain.description)) { try chain.check(.down) }
      try chain.check(.up)
      try CodecChain("delta+" + text).check(.down)
    }
    try CodecChain("fp16").check(.down)
  }

  @Test func whatCanBeAdded() throws {
    let additive = try CodecSamples.chains.filter { try CodecChain($0).isAdditive }
    #expect(additive == ["fp32", "randk", "dct"])
  }
}
