// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "registry/Registry.sol";
import {Places} from "./Cheats.sol";

/// @notice Statement proofs, made here by the recursive definitions of RFC 9162, sections 2.1.1 and 2.1.3.1.
contract CheckTest is Places {
    bytes32 private constant CONTEXT = keccak256("a context");

    /// @dev The lines of a version, `each` a block, and what follows of them.
    struct Made {
        bytes[] lines;
        uint256 each;
        bytes32[] tops;
        bytes32 word;
    }

    function lineOf(uint256 seed, uint256 i) private pure returns (bytes memory line) {
        line = bytes.concat(i % 2 == 0 ? bytes1("<") : bytes1("_"), keccak256(abi.encode(seed, i)));
        for (uint256 more = uint256(keccak256(abi.encode(i, seed))) % 6; more > 0; --more) {
            line = bytes.concat(line, keccak256(line));
        }
    }

    function split(uint256 count) private pure returns (uint256 k) {
        for (k = 1; k * 2 < count; k *= 2) {}
    }

    function tree(bytes32[] memory leaves, uint256 from, uint256 count) private pure returns (bytes32) {
        if (count == 1) return leaves[from];
        uint256 k = split(count);
        return sha256(bytes.concat(hex"01", tree(leaves, from, k), tree(leaves, from + k, count - k)));
    }

    function path(bytes32[] memory leaves, uint256 from, uint256 count, uint256 index)
        private
        pure
        returns (bytes memory)
    {
        if (count == 1) return "";
        uint256 k = split(count);
        if (index < k) return bytes.concat(path(leaves, from, k, index), tree(leaves, from + k, count - k));
        return bytes.concat(path(leaves, from + k, count - k, index - k), tree(leaves, from, k));
    }

    function leavesOf(Made memory made, uint256 b) private pure returns (bytes32[] memory leaves) {
        uint256 start = b * made.each;
        uint256 end = start + made.each < made.lines.length ? start + made.each : made.lines.length;
        leaves = new bytes32[](end - start);
        for (uint256 i = start; i < end; ++i) {
            leaves[i - start] = sha256(bytes.concat(hex"00", made.lines[i]));
        }
    }

    function between(Made memory made, uint256 b) private pure returns (bytes memory) {
        return abi.encodePacked(uint64(b * made.each), uint32(leavesOf(made, b).length), uint32(7 * b + 1));
    }

    function make(uint256 seed, uint256 quads, uint256 each) private view returns (Made memory made) {
        made.each = each;
        made.lines = new bytes[](quads);
        for (uint256 i = 0; i < quads; ++i) {
            made.lines[i] = lineOf(seed, i);
        }
        made.tops = new bytes32[]((quads + each - 1) / each);
        for (uint256 b = 0; b < made.tops.length; ++b) {
            bytes32[] memory leaves = leavesOf(made, b);
            made.tops[b] = sha256(
                bytes.concat(
                    hex"0001", between(made, b), tree(leaves, 0, leaves.length), keccak256(abi.encode("digest", b))
                )
            );
        }
        bytes32 kind = keccak256(
            "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)Context(bytes32 parent,bytes32 manifest)"
        );
        bytes32 root = tree(made.tops, 0, made.tops.length);
        bytes32 fields = keccak256(abi.encode(kind, graph(), uint256(9), root, quads, made.tops.length, CONTEXT));
        made.word = bytes32(uint256(9) << 216 | uint256(digestOf(fields)) >> 40);
    }

    function proofOf(Made memory made, uint256 i) private pure returns (bytes memory) {
        uint256 b = i / made.each;
        bytes32[] memory leaves = leavesOf(made, b);
        bytes memory low = path(leaves, 0, leaves.length, i % made.each);
        bytes memory high = path(made.tops, 0, made.tops.length, b);
        return bytes.concat(
            abi.encodePacked(CONTEXT, uint64(made.lines.length), uint32(made.tops.length), uint32(b)),
            abi.encodePacked(uint32(i % made.each), between(made, b), keccak256(abi.encode("digest", b))),
            abi.encodePacked(uint8(low.length / 32), uint8(high.length / 32), low, high, made.lines[i])
        );
    }

    function testFuzz_every_statement_of_a_version_is_found(uint256 seed, uint8 quads, uint8 each) external view {
        Made memory made = make(seed, uint256(quads) % 40 + 1, uint256(each) % 9 + 1);
        for (uint256 i = 0; i < made.lines.length; ++i) {
            bytes memory proof = proofOf(made, i);
            require(registry.checkAt(graph(), made.word, proof), "not found");
            require(!registry.checkAt(graph(), bytes32(uint256(made.word) ^ 1), proof), "other word");
            require(!registry.checkAt(graphOf(owner, "else"), made.word, proof), "other graph");
            require(!registry.check(graph(), proof), "never published");
        }
    }

    function testFuzz_a_changed_byte_is_refused(uint256 seed, uint16 where, uint8 change) external view {
        vm.assume(change != 0);
        Made memory made = make(seed, 21, 4);
        bytes memory proof = proofOf(made, seed % 21);
        uint256 place = where % proof.length;
        proof[place] = bytes1(uint8(proof[place]) ^ change);
        require(!registry.checkAt(graph(), made.word, proof), "found");
    }

    function testFuzz_a_cut_or_lengthened_proof_is_refused(uint256 seed, uint16 length, bytes calldata more)
        external
        view
    {
        Made memory made = make(seed, 21, 4);
        bytes memory proof = proofOf(made, seed % 21);
        if (more.length > 0) {
            require(!registry.checkAt(graph(), made.word, bytes.concat(proof, more)), "longer");
        }
        bytes memory short = new bytes(length % proof.length);
        for (uint256 i = 0; i < short.length; ++i) {
            short[i] = proof[i];
        }
        require(!registry.checkAt(graph(), made.word, short), "shorter");
    }

    function testFuzz_anything_else_is_refused_without_failing(bytes32 id, bytes32 word, bytes calldata proof)
        external
        view
    {
        require(!registry.checkAt(id, word, proof) && !registry.check(id, proof), "found");
    }

    function test_the_current_version_is_asked_by_graph_alone() external {
        // A version of one line, published: its context is that of parent and manifest.
        bytes memory line = "<a> <b> <c> .";
        bytes32 digest = sha256(bytes.concat(line, "\n"));
        bytes memory numbers = abi.encodePacked(uint64(0), uint32(1), uint32(line.length + 1));
        bytes32 root = sha256(bytes.concat(hex"0001", numbers, sha256(bytes.concat(hex"00", line)), digest));
        Registry.Publication memory p = Registry.Publication(owner, LABEL, 0, root, 1 << 32 | 1, "manifest");
        bytes memory proof =
            bytes.concat(contextHash(p), abi.encodePacked(uint64(1), uint32(1), uint64(0), numbers, digest, uint16(0)), line);
        require(!registry.check(graph(), proof), "too early");
        bytes32 word = publish(p);
        require(registry.check(graph(), proof) && registry.checkAt(graph(), word, proof), "not found");
        publish(next(2));
        require(!registry.check(graph(), proof) && registry.checkAt(graph(), word, proof), "an earlier version");
    }
}
