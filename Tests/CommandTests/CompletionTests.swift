import Foundation
import TestSupport
import Testing

/// Shell completions, as bash offers them.
@Suite(.enabled(if: InstalledProgram.find("bash") != nil, "needs bash")) struct CompletionTests {
  private let folder: TemporaryFolder
  private let bash: BashCompletion

  init() throws {
    folder = try TemporaryFolder()
    bash = try BashCompletion(folder)
    for name in ["runs/first", "SampleData"] { _ = try folder.folder(name) }
    for name in ["plan.yaml", "notes.txt", "model.safetensors"] { _ = try folder.write(Data(), name) }
  }

  @Test func commandsAndOptions() throws {
    #expect(try bash.offers("tr") == ["train"])
    #expect(try bash.offers("study", "ch") == ["check"])
    let all = try Set(bash.offers(""))
    let commands = try CommandHelp.root.get().subcommands ?? []
    #expect(all.isSuperset(of: commands.map(\.commandName)))
    #expect(try bash.offers("train", "--code") == ["--codec", "--codec-down", "--codec-up"])
    // A flag that is there is not offered again.
    #expect(try bash.offers("train", "--resume", "--res") == ["--resample-labels"])
  }

  @Test func choices() throws {
    #expect(try bash.offers("train", "--mode", "") == ["federated", "centralised", "local"])
    let adaptive = try bash.offers("train", "--strategy", "fedad")
    #expect(Set(adaptive) == ["fedadam", "fedadagrad"])
    #expect(try bash.offers("evaluate", "--convention", "brats") == ["brats2023", "brats2025"])
    #expect(try bash.offers("benchmark", "--network", "") == ["A", "B", "C", "D"])
    #expect(try bash.offers("train", "--attack", "sign") == ["signflip"])
  }

  /// A codec is a chain: what may stand behind the stages that are typed.
  @Test func codecs() throws {
    #expect(try bash.offers("train", "--codec", "delta+to") == ["delta+topk"])
    #expect(
      try bash.offers("train", "--codec", "delta+topk:fraction=0.01+int") == [
        "delta+topk:fraction=0.01+int8", "delta+topk:fraction=0.01+int4",
      ])
    #expect(try bash.offers("train", "--codec-up", "int8+e") == ["int8+entropy"])
    #expect(try bash.offers("train", "--codec", "none+") == [])
  }

  /// A plan is a built-in name or a YAML file.
  @Test func plans() throws {
    #expect(try bash.offers("train", "--plan", "unet") == ["unet2d", "unet3d"])
    #expect(try bash.offers("train", "--plan", "pl") == ["plan.yaml"])
    #expect(try bash.offers("train", "--plan", "runs/") == ["runs/first/"])
    #expect(try Set(bash.offers("plan", "--output", "")) == ["plan.yaml", "runs", "SampleData"])
  }

  @Test func filesAndFolders() throws {
    #expect(try Set(bash.offers("train", "--output", "")) == ["runs", "SampleData"])
    #expect(try bash.offers("train", "--data", "Sam") == ["SampleData"])
    #expect(try Set(bash.offers("predict", "--model", "")) == ["runs", "SampleData", "model.safetensors"])
    #expect(try bash.offers("compare", "ru") == ["runs"])
  }

  /// Options that name something on disk, or one of a few things, in every command that has them.
  @Test func optionsWithPathsAndNamesAreCompleted() throws {
    let named: Set<String> = [
      "--data", "--output", "--plan", "--model", "--input", "--init", "--test", "--study", "--cache",
      "--atlas",
      "--fits", "--tuning", "--predictions", "--inbox", "--outbox", "--keep-messages", "--reports", "--scans",
      "--coordinator-data", "--strategy", "--attack", "--codec", "--codec-up", "--codec-down",
      "--convention", "--network", "--augmentation", "--participation", "--split", "--mode", "--layout",
    ]
    for command in try CommandHelp.root.get().all {
      let values = (command.arguments ?? []).filter { $0.kind != "flag" }
      for argument in values where !named.isDisjoint(with: argument.spellings) {
        #expect(argument.hasCompletion, "\(command.typed) \(argument.spellings)")
      }
      // What has no name is a file or a folder, everywhere.
      for argument in values where argument.kind == "positional" {
        #expect(argument.hasCompletion, "\(command.typed) \(argument.abstract ?? "")")
      }
    }
  }

  @Test(arguments: ["zsh", "fish"]) func otherShellsReadTheirScripts(shell: String) throws {
    let text = try BashCompletion.script(shell)
    #expect(text.contains("segfed") && text.contains("hold-out-site"))
    guard InstalledProgram.find(shell) != nil else { return }
    let file = try folder.write(Data(text.utf8), "segfed." + shell)
    _ = try InstalledProgram.run(shell, ["-n", file])
  }
}
