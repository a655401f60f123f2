import Foundations
import Reporting

extension MachineDescription {
  package var json: JSONValue {
    .object([
      ("cpu", .string(cpu)), ("family", family.map { .integer($0) } ?? .null),
      ("model", model.map { .integer($0) } ?? .null), ("cores", .integer(cores)),
      ("memory_gib", .number(memoryGiB)), ("avx2", .bool(flags.contains("avx2"))),
      ("avx512", .bool(flags.contains("avx512f"))), ("amx", .bool(flags.contains("amx_tile"))),
    ])
  }
}
