import Foundation
import TestSupport
import Testing

/// The completion script of the program in a real bash.
struct BashCompletion {
  private let script: String
  private let folder: TemporaryFolder

  init(_ folder: TemporaryFolder) throws {
    self.folder = folder
    script = try folder.write(Data(Self.script("bash").utf8), "segfed.bash")
  }

  /// What the program writes for a shell.
  static func script(_ shell: String) throws -> String {
    let outcome = try SegfedProcess.run("--generate-completion-script", shell)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return outcome.output
  }

  /// What bash offers for the last of the words behind `segfed`, in the folder.
  func offers(_ words: String...) throws -> [String] {
    let program = """
      source "$1"; shift
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
      COMP_POINT=${#COMP_LINE}
      _segfed segfed "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      [[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' "${COMPREPLY[@]}"
      """
    let segfed = try SegfedProcess.program().path
    return try InstalledProgram.run(
      "bash", ["-c", program, "bash", script, segfed] + words, in: folder.path
    ).split(separator: "\n").map(String.init)
  }
}
