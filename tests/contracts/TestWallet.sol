// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A contract account with one keeper
/// @notice Accepts what its keeper signed (EIP-1271), and calls what its keeper tells it to. For tests.
contract TestWallet {
    address public immutable keeper;

    error NotTheKeeper();

    constructor(address keeper_) {
        keeper = keeper_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (signature.length != 65) return 0xffffffff;
        address signer =
            ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        return signer == keeper && signer != address(0) ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }

    function execute(address to, bytes calldata data) external returns (bytes memory) {
        if (msg.sender != keeper) revert NotTheKeeper();
        (bool done, bytes memory answer) = to.call(data);
        if (!done) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
        return answer;
    }
}
