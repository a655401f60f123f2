import FederationProtocol
import Foundation
import Foundations
import Testing

private let identity = RunIdentity(
  runID: "run-7", planDigest: Digest.sha256([1]), studyDigest: Digest.sha256([2]))
private let codec = EnvelopeCodec(identity: identity, site: "Alpha")

private func update() -> WireModelUpdate {
  var update = WireModelUpdate()
  update.delta = WireWeights(ranges: [TensorRange(name: "w", shape: [2])], values: [1.5, -2])
  update.cases = 4
  update.steps = 10
  update.meanLoss = 0.25
  return update
}

/// A sealed update with one field of its envelope changed.
private func tampered(_ change: (inout WireEnvelope) -> Void) throws -> [UInt8] {
  var envelope = try WireEnvelope(serializedBytes: try codec.seal(update(), round: 3))
  change(&envelope)
  return try envelope.serializedBytes()
}

private func open(_ message: [UInt8]) throws -> WireModelUpdate {
  try codec.open(message, as: WireModelUpdate.self, round: 3)
}

struct EnvelopeCodecTests {
  @Test func opensWhatItSealed() throws {
    #expect(try open(try codec.seal(update(), round: 3)) == update())
    var request = WireTrainRequest()
    request.localSteps = 12
    request.seed = .max
    let (round, opened) = try codec.openRequest(try codec.seal(request, round: 9))
    #expect(round == 9)
    guard case .train(request) = opened else {
      Issue.record("not the train request")
      return
    }
  }

  @Test func equalMessagesAreEqualBytes() throws {
    #expect(try codec.seal(update(), round: 3) == codec.seal(update(), round: 3))
  }

  @Test func payloadDigestIsTheSHA256OfThePayload() throws {
    let envelope = try WireEnvelope(serializedBytes: try codec.seal(update(), round: 3))
    #expect(Array(envelope.payloadSha256) == Digest.sha256(envelope.payload))
    #expect(envelope.protocolVersion == 1)
    #expect(envelope.kind == .modelUpdate)
    #expect(envelope.signature.isEmpty)
  }

  @Test(arguments: [
    ProtocolError.Field.protocolVersion, .runID, .planDigest, .studyDigest, .round, .site, .kind,
    .payloadDigest,
  ])
  func refusesEachFieldThatDoesNotFit(field: ProtocolError.Field) throws {
    let message = try tampered { envelope in
      switch field {
      case .protocolVersion: envelope.protocolVersion = 2
      case .runID: envelope.runID = "run-8"
      case .planDigest: envelope.planDigest[5] ^= 1
      case .studyDigest: envelope.studyDigest = Data()
      case .round: envelope.round = 4
      case .site: envelope.site = "Beta"
      case .kind: envelope.kind = .evaluation
      case .payloadDigest: envelope.payload[envelope.payload.count - 1] ^= 0x80
      default: Issue.record("\(field) is no field of the envelope")
      }
    }
    let error = #expect(throws: ProtocolError.self) { try open(message) }
    guard case .mismatch("Alpha", 3, field, let found, let expected) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found != expected)
    let text = try #require(error).description
    #expect(text.contains("Alpha") && text.contains("round 3") && text.contains(field.rawValue))
    #expect(text.contains(found) && text.contains(expected))
  }

  @Test func saysWhatWasFoundAndExpected() throws {
    let error = #expect(throws: ProtocolError.self) {
      try open(try tampered { $0.site = "Be\u{1B}[31mta\n" })
    }
    #expect(
      error?.description
        == "Site Alpha, round 3: site is \"Be[31mta\", expected \"Alpha\". "
        + "The message belongs elsewhere: check which folder or host it came from.")
  }

  @Test func noBitCanBeFlippedUnseen() throws {
    let message = try codec.seal(update(), round: 3)
    for index in message.indices {
      for bit in 0..<8 {
        var changed = message
        changed[index] ^= UInt8(1 << bit)
        // What still opens must say the same: a changed tag can turn a field into an unknown one that is
        // ignored, but then a check of the missing field fails.
        if let opened = try? open(changed) {
          #expect(opened == update(), "byte \(index), bit \(bit)")
        }
      }
    }
  }

  @Test func cutMessagesAreRefused() throws {
    let message = try codec.seal(update(), round: 3)
    for count in 0..<message.count {
      #expect(throws: ProtocolError.self) { try open(Array(message.prefix(count))) }
    }
  }

  @Test func refusalsBecomeErrors() throws {
    let refused = try codec.seal(WireRefusal("no room"), round: 3)
    #expect(
      throws: ProtocolError.refused(site: "Alpha", round: 3, interrupted: false, reason: "no room")
    ) { try open(refused) }
    let stopped = try codec.seal(WireRefusal("stop", code: .interrupted), round: 3)
    #expect(throws: ProtocolError.refused(site: "Alpha", round: 3, interrupted: true, reason: "stop")) {
      try open(stopped)
    }
  }

  @Test func answersAreNoRequests() throws {
    let message = try codec.seal(update(), round: 3)
    #expect(
      throws: ProtocolError.mismatch(
        site: "Alpha", round: 3, field: .kind, found: "model_update", expected: "a request")
    ) { try codec.openRequest(message) }
  }
}
