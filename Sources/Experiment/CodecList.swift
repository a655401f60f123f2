import FederationProtocol
import Foundations
import Reporting

/// `segfed codecs`: what makes weights small on their way.
package enum CodecList {
  /// A table with a row for each stage, below it one for each parameter.
  package static func text() -> String {
    var table = TextTable(columns: [
      .text("stage"), .text("parameter"), .number("default"), .text("range"), .text("what is sent"),
      .text("additive"), .text("paper"),
    ])
    for stage in CodecStage.all {
      table.add([stage.name, "", "", "", stage.summary, stage.isAdditive ? "yes" : "no", stage.paper])
      for parameter in stage.parameters { table.add(parameter.cells + ["", ""]) }
    }
    return table.rendered()
      + "A chain is \(CodecStage.grammar) in this order,\n"
      + "joined by +, such as delta+topk:fraction=0.01+int4+entropy. What a chain loses in a round is added to what the\n"
      + "sender sends next. A chain is additive where all its stages are: the coordinator could then add what sites send without\n"
      + "decoding any.\n"
  }

  /// Chains that begin as `typed` does and have one stage more, or its last one whole: what a shell offers.
  package static func continuations(of typed: String) -> [String] {
    let known = typed.split(separator: "+", omittingEmptySubsequences: false).dropLast().map(String.init)
    let last = known.last.map { stage in String(stage.prefix { $0 != ":" }) }
    let next = CodecStage.following(last)
    return next.map { (known + [$0.name]).joined(separator: "+") }.filter { $0.hasPrefix(typed) }
  }

  package static func json() -> JSONValue {
    .object([
      (
        "stages",
        .array(
          CodecStage.all.map { stage in
            .object([
              ("name", .string(stage.name)), ("summary", .string(stage.summary)),
              ("additive", .bool(stage.isAdditive)), ("paper", .string(stage.paper)),
              ("parameters", .array(stage.parameters.map(\.json))),
            ])
          })
      )
    ])
  }
}
