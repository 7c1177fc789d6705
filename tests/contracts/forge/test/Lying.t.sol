// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Places} from "./Cheats.sol";

/// @notice Versions whose publisher committed to what cannot be: hashes that agree, at places that do not exist.
contract LyingTest is Places {
    bytes32 private constant CONTEXT = keccak256("a context");
    bytes32 private constant DIGEST = keccak256("a digest");
    bytes32 private constant SIBLING = keccak256("a sibling");

    /// @dev What a proof states, and the siblings it brings.
    struct Stated {
        uint64 quads;
        uint32 blocks;
        uint32 blockIndex;
        uint32 lineIndex;
        uint64 start;
        uint32 count;
        uint8 low;
        uint8 high;
        bytes line;
    }

    /// @dev `steps` siblings on the side that the bits of `index` say.
    function fold(bytes32 node, uint256 index, uint256 steps) private pure returns (bytes32, bytes memory siblings) {
        for (; steps > 0; --steps) {
            node = index % 2 == 1
                ? sha256(bytes.concat(hex"01", SIBLING, node))
                : sha256(bytes.concat(hex"01", node, SIBLING));
            siblings = bytes.concat(siblings, SIBLING);
            index /= 2;
        }
        return (node, siblings);
    }

    /// @dev Commits to exactly what is stated, and asks for it.
    function found(Stated memory s) private view returns (bool) {
        (bytes32 node, bytes memory low) = fold(sha256(bytes.concat(hex"00", s.line)), s.lineIndex, s.low);
        bytes memory numbers = abi.encodePacked(s.start, s.count, uint32(77));
        bytes memory high;
        (node, high) = fold(sha256(bytes.concat(hex"0001", numbers, node, DIGEST)), s.blockIndex, s.high);
        bytes memory head = abi.encodePacked(CONTEXT, s.quads, s.blocks, s.blockIndex, s.lineIndex);
        bytes memory paths = abi.encodePacked(s.low, s.high, low, high);
        return registry.checkAt(graph(), wordOf(s, node), bytes.concat(head, numbers, DIGEST, paths, s.line));
    }

    function wordOf(Stated memory s, bytes32 root) private view returns (bytes32) {
        bytes32 kind = keccak256(
            "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)Context(bytes32 parent,bytes32 manifest)"
        );
        bytes32 fields = keccak256(abi.encode(kind, graph(), uint256(1), root, s.quads, s.blocks, CONTEXT));
        return bytes32(uint256(1) << 216 | uint256(digestOf(fields)) >> 40);
    }

    /// @dev Line 2 of 4 of the second of two blocks, of a version of 7 lines.
    function good() private pure returns (Stated memory) {
        return Stated(7, 2, 1, 2, 3, 4, 2, 1, "<a> <b> <c> .");
    }

    function test_what_can_be_is_found() external view {
        require(found(good()), "good");
    }

    function test_a_block_that_is_not_the_first_does_not_begin_at_0() external view {
        Stated memory s = good();
        (s.quads, s.start) = (4, 0);
        require(!found(s), "found");
    }

    function test_the_first_block_begins_at_0() external view {
        Stated memory s = good();
        (s.quads, s.blockIndex, s.start) = (8, 0, 0);
        require(found(s), "good");
        s.start = 1;
        require(!found(s), "found");
    }

    function test_the_last_block_ends_with_the_last_line() external view {
        Stated memory s = good();
        s.quads = 8;
        require(!found(s), "found");
    }

    function test_no_other_block_ends_with_the_last_line() external view {
        Stated memory s = good();
        (s.blockIndex, s.start, s.quads) = (0, 0, 5);
        require(found(s), "good");
        s.quads = 4;
        require(!found(s), "found");
    }

    function test_no_block_ends_behind_the_last_line() external view {
        Stated memory s = good();
        (s.blocks, s.high, s.quads) = (4, 2, 8);
        require(found(s), "good");
        s.quads = 6;
        require(!found(s), "found");
    }

    function test_no_line_stands_behind_its_blocks_last() external view {
        Stated memory s = good();
        (s.quads, s.count, s.low, s.lineIndex) = (4, 1, 0, 0);
        require(found(s), "good");
        s.lineIndex = 1;
        require(!found(s), "found");
    }

    function test_no_block_stands_behind_the_last() external view {
        Stated memory s = good();
        (s.blocks, s.high, s.blockIndex) = (1, 0, 1);
        require(!found(s), "found");
    }

    function test_paths_have_the_length_that_position_and_count_say() external view {
        for (uint8 low = 0; low < 6; ++low) {
            for (uint8 high = 0; high < 6; ++high) {
                Stated memory s = good();
                (s.low, s.high) = (low, high);
                require(found(s) == (low == 2 && high == 1), "found");
            }
        }
        Stated memory alone = good();
        (alone.quads, alone.count, alone.lineIndex, alone.low) = (4, 1, 0, 1);
        require(!found(alone), "a sibling of the only line");
    }

    function testFuzz_a_line_begins_with_an_iri_or_a_blank_node(bytes1 first) external view {
        Stated memory s = good();
        s.line = bytes.concat(first, " a> <b> <c> .");
        require(found(s) == (first == "<" || first == "_"), "found");
    }

    function test_an_empty_line_and_an_endless_one_are_none() external view {
        Stated memory s = good();
        s.line = "";
        require(!found(s), "empty");
        s.line = new bytes(1_048_575);
        s.line[0] = "<";
        require(found(s), "the longest");
        s.line = bytes.concat(s.line, " ");
        require(!found(s), "too long");
    }
}
