import FederationProtocol
import Foundation
import Foundations

/// Hostile sites that know of each other: whoever of them is asked first in a round lets all train, and all send what came of it.
///
/// Each trains once for a request, whatever the order in which they are asked and however many at a time: those that are asked
/// meanwhile wait for the same work, which waits for none of them. They train one after the other, by name. Only the newest
/// request's outcome is kept.
///
/// A request that is passed on bears the `last_round` of the site that was asked first.
package actor Collusion {
  /// What the hostile sites send.
  struct Agreement: Sendable {
    let delta: [Float]
    /// Their own updates without the weights: what they tell beside these stays true.
    let updates: [String: WireModelUpdate]
  }

  private struct Request: Equatable {
    let round: Int
    let digest: [UInt8]
  }

  private let members: [any SiteConnection]
  private let identity: RunIdentity
  private let rule: CollusionRule
  private var current: (request: Request, work: Task<Agreement, any Error>)?

  /// `members` are the hostile sites' honest connections.
  package init(_ members: [any SiteConnection], identity: RunIdentity, rule: CollusionRule) {
    self.members = members.sorted { $0.site < $1.site }
    self.identity = identity
    self.rule = rule
  }

  /// Throws the first site's error by name; the next one that is asked tries again then.
  func agreement(on wire: WireTrainRequest, round: Int) async throws -> Agreement {
    // All that the sites of a round are asked is the same, but for this.
    var common = wire
    common.lastRound = 0
    let request = Request(round: round, digest: Digest.sha256(try common.serializedData()))
    if let current, current.request == request { return try await current.work.value }
    // Unstructured: a site that is not waited for any longer stops none of the others.
    let work = Task { [members, identity, rule] in
      try await Self.agree(members, on: wire, round: round, identity: identity, rule: rule)
    }
    current = (request, work)
    do {
      return try await work.value
    } catch {
      if current?.work == work { current = nil }
      throw error
    }
  }

  private static func agree(
    _ members: [any SiteConnection], on wire: WireTrainRequest, round: Int, identity: RunIdentity,
    rule: CollusionRule
  ) async throws -> Agreement {
    let ranges = wire.model.tensorRanges
    var honest: [[Float]] = []
    var updates: [String: WireModelUpdate] = [:]
    for member in members {
      let codec = EnvelopeCodec(identity: identity, site: member.site)
      let answer = try await member.exchange(try codec.seal(wire, round: round))
      var update = try codec.open(answer, as: WireModelUpdate.self, round: round)
      honest.append(try update.delta.values(expecting: ranges, site: member.site, round: round))
      update.clearDelta()
      updates[member.site] = update
    }
    return Agreement(delta: rule.update(honest), updates: updates)
  }
}

/// One of several hostile sites that agree on the update that they send.
package struct ColludingConnection: TrainingInterceptor {
  let base: any SiteConnection
  let codec: EnvelopeCodec
  private let collusion: Collusion

  /// `base` is one of the collusion's members.
  package init(_ base: any SiteConnection, identity: RunIdentity, collusion: Collusion) {
    self.base = base
    codec = EnvelopeCodec(identity: identity, site: base.site)
    self.collusion = collusion
  }

  func train(
    _ request: WireTrainRequest, round: Int, message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    started()
    do {
      let agreement = try await collusion.agreement(on: request, round: round)
      guard var update = agreement.updates[site] else {
        preconditionFailure("\(site) is no member of the collusion")
      }
      update.delta = WireWeights(ranges: request.model.tensorRanges, values: agreement.delta)
      return try codec.seal(update, round: round)
    } catch let error as ProtocolError {
      guard let refusal = error.refusal(by: error.site == site ? nil : error.site) else { throw error }
      return try codec.seal(refusal, round: round)
    }
  }
}
