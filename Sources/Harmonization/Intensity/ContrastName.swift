/// What a contrast's name tells: `t1`, `t1n`, `T1w`, `t1ce`, `ce-gadolinium_T1w` are T1, the first three without a
/// contrast agent.
package enum ContrastName {
  /// Whether white matter is the brightest tissue.
  package static func isT1(_ name: String) -> Bool {
    words(name).contains { $0.hasPrefix("t1") }
  }

  /// The place of the contrast in which a case's tissues are told apart: a T1 without a contrast agent, else the
  /// first other T1; nil for a case without T1.
  package static func tissueReference(in names: [String]) -> Int? {
    names.firstIndex { name in words(name).count == 1 && ["t1", "t1n", "t1w"].contains(words(name)[0]) }
      ?? names.firstIndex(where: isT1)
  }

  private static func words(_ name: String) -> [String] {
    name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
}
